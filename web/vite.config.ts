import { fileURLToPath } from 'node:url'
import vue from '@vitejs/plugin-vue'
import { defineConfig, type Plugin } from 'vite'

/** Every `import { ElButton } from 'element-plus'` brings the styles of just that component along. */
function elementStyles(): Plugin {
	const imports = /import\s*\{([^}]+)\}\s*from\s*['"]element-plus['"]/g
	return {
		name: 'element-styles',
		enforce: 'post',
		transform(code, id) {
			if (id.includes('node_modules') || !/\.(vue|ts)(\?|$)/.test(id)) return null
			const folders = new Set<string>()
			for (const [, names] of code.matchAll(imports))
				for (const name of names.split(',').map((n) => n.trim().split(' ')[0]))
					if (/^El[A-Z]/.test(name) && !name.endsWith('Instance'))
						folders.add(name.slice(2).replace(/(?<!^)([A-Z])/g, '-$1').toLowerCase())
			if (!folders.size) return null
			const styles = [...folders].map((f) => `import 'element-plus/es/components/${f}/style/css';`)
			return { code: styles.join('') + code, map: null }
		},
	}
}

const server = process.env.SHUREN_URL ?? 'http://127.0.0.1:8080'

export default defineConfig({
	plugins: [vue(), elementStyles()],
	resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
	build: { target: 'es2021', chunkSizeWarningLimit: 700, reportCompressedSize: true, assetsInlineLimit: 2048 },
	// npm run dev shows the page with the API of a running `shuren serve`.
	server: { proxy: { '/api': server, '/openapi.json': server } },
})
