#include "mod/ledger/formats.h"

static bool all_digits(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
	return s.n > 0;
}

bool china_id_check(struct str s)
{
	static const int weights[] = {7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2};
	struct date birth;
	int sum = 0;

	if (s.n != 18 || !all_digits(str_sub(s, 0, 17)))
		return false;
	for (size_t i = 0; i < 17; i++)
		sum += (s.p[i] - '0') * weights[i];
	return s.p[17] == "10X98765432"[sum % 11] && date_parse(str_sub(s, 6, 14), &birth);
}

bool credit_code_check(struct str s)
{
	static const char alphabet[] = "0123456789ABCDEFGHJKLMNPQRTUWXY";
	static const int weights[] = {
		1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28};
	int sum = 0;

	if (s.n != 18)
		return false;
	for (size_t i = 0; i < 18; i++) {
		const char *at = s.p[i] ? strchr(alphabet, s.p[i]) : NULL;
		if (!at)
			return false;
		if (i < 17)
			sum += (int)(at - alphabet) * weights[i];
	}
	return s.p[17] == alphabet[(31 - sum % 31) % 31];
}

bool school_code_check(struct str s)
{
	return s.n == 10 && all_digits(s);
}

bool org_code_check(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		bool is_known = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
				(c >= 'a' && c <= 'z') || c == '-' || c == '_';
		if (!is_known)
			return false;
	}
	return s.n > 0 && s.n <= 20;
}

bool phone_check(struct str s)
{
	size_t digits = 0;

	for (size_t i = 0; i < s.n; i++) {
		bool is_digit = s.p[i] >= '0' && s.p[i] <= '9';
		if (!is_digit && s.p[i] != '-' && !(i == 0 && s.p[i] == '+'))
			return false;
		digits += is_digit;
	}
	return digits >= 7 && digits <= 14;
}

const struct format *format_find(struct str name)
{
	static const struct format formats[] = {
		{"china_id", china_id_check, "18 位公民身份号码, 校验位正确",
			"an 18-character identity number with a right check digit"},
		{"credit_code", credit_code_check, "18 位统一社会信用代码, 校验位正确",
			"an 18-character credit code with a right check character"},
		{"school_code", school_code_check, "10 位学校标识码", "a 10-digit school code"},
		{"org_code", org_code_check, "机构代码 (数字或字母, 不超过 20 位)",
			"an organisation code (digits or letters, at most 20)"},
		{"phone", phone_check, "电话号码", "a phone number"},
	};

	for (size_t i = 0; i < ARRAY_LEN(formats); i++)
		if (str_is(name, formats[i].name))
			return &formats[i];
	return NULL;
}
