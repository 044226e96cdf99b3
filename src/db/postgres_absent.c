/* Stands in for the PostgreSQL driver in builds without libpq. */
#include "db/driver.h"

enum err postgres_open(struct ctx *cx, struct str url, enum db_mode mode, struct db **out)
{
	(void)url, (void)mode, (void)out;
	return ctx_fail(cx, ERR_UNSUPPORTED,
		TR(cx, "这个 shuren 编译时没有 PostgreSQL 支持",
			"this shuren was built without PostgreSQL"));
}
