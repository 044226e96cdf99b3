#include "job/child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/num.h"

#define LOOK_MS    50
#define LINE_BYTES 4000

extern char **environ;

struct running {
	struct ctx *cx;
	const struct child *child;
	pid_t pid;
	int err_fd; /* read end of its standard error; -1: closed */
	int64_t until_ms;
	struct strbuf line;
};

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Between fork and exec of a program with threads: nothing but system calls. */
static NORETURN void become(const struct child *child, int out, int err, pid_t parent)
{
	int nothing = open("/dev/null", O_RDONLY);
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != parent || setpgid(0, 0) != 0 ||
		nothing < 0 || dup2(nothing, 0) < 0 || dup2(out, 1) < 0 || dup2(err, 2) < 0)
		_exit(127);
	execve(child->argv[0], (char *const *)(uintptr_t)child->argv, environ);
	_exit(127);
}

static enum err start(struct running *r)
{
	int out, ends[2];
	pid_t parent = getpid();

	out = open(r->child->out, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (out < 0)
		return ctx_fail(r->cx, ERR_IO, "%s: %s", r->child->out, strerror(errno));
	if (pipe2(ends, O_CLOEXEC) != 0) {
		close(out);
		return ctx_fail(r->cx, ERR_IO, "pipe: %s", strerror(errno));
	}
	r->pid = fork();
	if (r->pid == 0)
		become(r->child, out, ends[1], parent);
	close(out);
	close(ends[1]);
	r->err_fd = ends[0];
	if (r->pid > 0) {
		(void)setpgid(r->pid, r->pid); /* by both: whoever comes first */
		return ERR_OK;
	}
	close(ends[0]);
	r->err_fd = -1;
	return ctx_fail(r->cx, ERR_IO, "fork: %s", strerror(errno));
}

static void end_line(struct running *r)
{
	if (r->line.n && r->child->line)
		r->child->line(r->child->arg, strbuf_view(&r->line));
	strbuf_reset(&r->line);
}

/* What stands in the pipe, line by line. */
static void take_lines(struct running *r, const char *bytes, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (bytes[i] == '\n' || bytes[i] == '\r')
			end_line(r);
		else if (r->line.n < LINE_BYTES)
			strbuf_char(&r->line, bytes[i]);
	}
}

static void read_some(struct running *r)
{
	struct pollfd wait = {.fd = r->err_fd, .events = POLLIN};
	char bytes[4096];
	ssize_t n;

	if (r->err_fd < 0) {
		usleep(5000);
		return;
	}
	if (poll(&wait, 1, LOOK_MS) <= 0)
		return;
	n = read(r->err_fd, bytes, sizeof bytes);
	if (n > 0) {
		take_lines(r, bytes, (size_t)n);
		return;
	}
	if (n < 0 && errno == EINTR)
		return;
	close(r->err_fd);
	r->err_fd = -1;
	end_line(r);
}

/* Pages of memory that it holds, of the second number in statm. */
static int64_t memory_of(pid_t pid)
{
	char path[40], line[128];
	struct str text, pages = STR_NONE;
	int64_t resident = 0;
	FILE *f;

	snprintf(path, sizeof path, "/proc/%d/statm", (int)pid);
	f = fopen(path, "re");
	if (!f)
		return 0;
	if (fgets(line, sizeof line, f)) {
		text = str_from(line);
		(void)str_cut(&text, ' ');
		pages = str_cut(&text, ' ');
	}
	(void)fclose(f);
	if (parse_i64(pages, 0, INT64_MAX / 65536, &resident) != NUM_OK)
		resident = 0;
	return resident * sysconf(_SC_PAGESIZE);
}

static enum err look(struct running *r)
{
	const struct child *c = r->child;

	if (c->is_wanted && !c->is_wanted(c->arg))
		return ctx_fail(r->cx, ERR_CANCELLED, "%s", TR(r->cx, "已取消", "cancelled"));
	if (c->wall_ms_max && now_ms() > r->until_ms)
		return ctx_fail(r->cx, ERR_TOO_LARGE,
			TR(r->cx, "计算超过了 %" PRId64 " 秒", "it took more than %" PRId64 " s"),
			c->wall_ms_max / 1000);
	if (c->memory_max && memory_of(r->pid) > c->memory_max)
		return ctx_fail(r->cx, ERR_TOO_LARGE,
			TR(r->cx, "计算用了超过 %" PRId64 " MB 内存",
				"it needs more than %" PRId64 " MB of memory"),
			c->memory_max >> 20);
	return ERR_OK;
}

static enum err how_it_ended(struct running *r, int status, int *out_status)
{
	if (WIFEXITED(status)) {
		*out_status = WEXITSTATUS(status);
		if (*out_status != 127)
			return ERR_OK;
		return ctx_fail(r->cx, ERR_IO, TR(r->cx, "%s 启动不了", "%s cannot be started"),
			r->child->argv[0]);
	}
	return ctx_fail(r->cx, ERR_STORE, TR(r->cx, "计算程序异常终止 (%s)", "it was ended by %s"),
		strsignal(WTERMSIG(status)));
}

enum err child_run(struct ctx *cx, const struct child *child, int *out_status)
{
	struct running r = {.cx = cx, .child = child, .err_fd = -1};
	int64_t looked_ms = now_ms();
	int status = 0;
	enum err e = ERR_OK;

	TRY(start(&r));
	strbuf_init(&r.line, LINE_BYTES + 1);
	r.until_ms = looked_ms + child->wall_ms_max;
	while (e == ERR_OK && waitpid(r.pid, &status, WNOHANG) == 0) {
		read_some(&r);
		if (now_ms() - looked_ms < LOOK_MS)
			continue;
		looked_ms = now_ms();
		e = look(&r);
	}
	/* The group goes too: what the child has started must not live on. */
	(void)kill(-r.pid, SIGKILL);
	if (e != ERR_OK)
		(void)waitpid(r.pid, &status, 0);
	for (int i = 0; i < 20 && r.err_fd >= 0; i++)
		read_some(&r);
	if (r.err_fd >= 0)
		close(r.err_fd);
	strbuf_release(&r.line);
	return e == ERR_OK ? how_it_ended(&r, status, out_status) : e;
}

static void free_path(void *arg)
{
	free(arg);
}

enum err child_own_path(struct ctx *cx, const char **out)
{
	char *path = realpath("/proc/self/exe", NULL);

	if (!path)
		return ctx_fail(cx, ERR_IO, "/proc/self/exe: %s", strerror(errno));
	arena_defer(cx->mem, free_path, path);
	*out = path;
	return ERR_OK;
}
