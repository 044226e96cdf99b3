/// <reference types="vite/client" />
import 'vue-router'

declare module 'vue-router' {
	interface RouteMeta {
		/** Without signing in, without the frame. */
		isOpen?: boolean
	}
}
