import { createApp } from 'vue'
import App from '@/App.vue'
import { watchProblems } from '@/api/client'
import { forgetSession } from '@/api/session'
import { router } from '@/router'
import { unreached } from '@/shell/trouble'
import 'element-plus/theme-chalk/base.css'
import '@/shell/tokens.css'
import '@/shell/base.css'

watchProblems((problem) => {
	const to = router.currentRoute.value
	if (problem.kind !== 'sign-in' && problem.kind !== 'password-change') return
	if (problem.kind === 'sign-in') forgetSession()
	if (to.matched.length && !to.meta.isOpen) void router.push({ path: '/sign-in', query: { next: to.fullPath } })
})

// A page is fetched when it is first opened: without the server it cannot be.
router.onError((_error, to) => (unreached.value = to.fullPath))
router.afterEach(() => (unreached.value = null))

createApp(App).use(router).mount('#app')
