#include "mod/keys/keys_say.h"

#include <unistd.h>

void keys_progress(void *arg, struct str ledger, int64_t rows)
{
	const struct ctx *cx = arg;

	if (isatty(STDERR_FILENO))
		fprintf(stderr,
			TR(cx, "\r加密 %.*s: %" PRId64 " 行", "\rsealing %.*s: %" PRId64 " rows"),
			STR_ARG(ledger), rows);
}

void keys_say(const struct ctx *cx, const struct keys_done *done)
{
	if (done->values && isatty(STDERR_FILENO))
		fputc('\n', stderr);
	if (done->is_missing)
		fprintf(stderr, "%s",
			TR(cx,
				"密钥文件里没有本库的密钥, 加密字段打不开, 见 shuren key PLACE "
				"list\n",
				"the key file lacks this store's key: sealed fields do not open, "
				"see"
				" shuren key PLACE list\n"));
	if (done->is_new)
		fprintf(stderr,
			TR(cx,
				"新密钥 %.*s 在 %s\n"
				"请另存一份, 不要与备份放在一起: 丢了它, 加密字段就永远读不出来\n",
				"the new key %.*s is in %s\n"
				"keep a copy, apart from the backups: without it the sealed fields "
				"are lost\n"),
			STR_ARG(done->key), done->path);
	if (done->values)
		fprintf(stderr, TR(cx, "已加密 %" PRId64 " 个值\n", "%" PRId64 " values sealed\n"),
			done->values);
}
