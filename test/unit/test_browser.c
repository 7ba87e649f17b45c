/*
 * test_browser.c
 *	  Host names and origins from which web pages may send requests.
 */
#include "unit.h"

#include "auth/browser.h"
#include "core/guc.h"

char	   *ddb_setting_allowed_hosts;
char	   *ddb_setting_allowed_origins;

typedef struct ListRow
{
	const char *text;
	const char *list;
	bool		expected;
} ListRow;

static const ListRow host_rows[] = {
	{"localhost", "loopback", true},
	{"LOCALHOST:8000", "loopback", true},
	{"localhost.", "loopback", true},
	{"localhost.:80", "loopback", true},
	{"db.localhost", "loopback", true},
	{".localhost", "loopback", false},
	{"notlocalhost", "loopback", false},
	{"localhost.evil.example", "loopback", false},
	{"127.0.0.1", "loopback", true},
	{"127.0.0.1:8000", "loopback", true},
	{"127.255.3.4:1", "loopback", true},
	{"128.0.0.1", "loopback", false},
	{"127.1", "loopback", false},
	{"127.0.0.1.evil.example", "loopback", false},
	{"0177.0.0.1", "loopback", false},
	{"[::1]", "loopback", true},
	{"[::1]:8000", "loopback", true},
	{"[0:0:0:0:0:0:0:1]:8000", "loopback", true},
	{"[::2]", "loopback", false},
	{"[::1", "loopback", false},
	{"[::1]evil", "loopback", false},
	{"::1", "loopback", false},
	{"localhost:80evil", "loopback", false},
	{"localhost:80:80", "loopback", false},
	{"localhost@evil.example", "loopback", false},
	{"", "loopback", false},
	{":80", "loopback", false},
	{".", "*", true},
	{"anything", "*", true},
	{"anything", "", false},
	{"db.example:8000", "loopback, db.example", true},
	{"db.example:8000", "db.example,loopback", true},
	{"DB.Example", "db.example", true},
	{"xdb.example", "db.example", false},
	{"a.example", "*.example", true},
	{"a.b.example", "*.example", true},
	{"example", "*.example", false},
	{".example", "*.example", false},
	{"aexample", "*.example", false},
	{"10.0.0.5:8000", "10.0.0.5", true},
};

static const ListRow origin_rows[] = {
	{"http://localhost:3000", "loopback", true},
	{"https://localhost", "loopback", true},
	{"HTTP://LocalHost:3000", "loopback", true},
	{"http://127.0.0.1:8000", "loopback", true},
	{"http://[::1]:8000", "loopback", true},
	{"http://app.localhost", "loopback", true},
	{"http://localhost/path", "loopback", false},
	{"http://localhost.evil.example", "loopback", false},
	{"http://evil.example", "loopback", false},
	{"ftp://localhost", "loopback", false},
	{"chrome-extension://localhost", "loopback", false},
	{"null", "loopback", false},
	{"null", "loopback null", true},
	{"https://app.example", "https://app.example", true},
	{"https://app.example", "loopback, https://app.example", true},
	{"https://app.example:8443", "https://app.example", false},
	{"http://app.example", "https://app.example", false},
	{"https://evil.example", "*", true},
	{"https://evil.example", "", false},
};

typedef struct RequestRow
{
	DdbBrowserRequest request;
	const char *refused_by;
} RequestRow;

static const RequestRow request_rows[] = {
	{{"POST", "localhost:8000", NULL, NULL, true}, NULL},
	{{"POST", NULL, NULL, NULL, true}, NULL},
	{{"POST", "rebound.example", NULL, NULL, true}, "dynamo.allowed_hosts"},
	{{"GET", "rebound.example", NULL, NULL, true}, "dynamo.allowed_hosts"},
	{{"POST", "dynamo", NULL, NULL, false}, NULL},
	{{"POST", "dynamo", "http://evil.example", NULL, false}, "dynamo.allowed_origins"},
	{{"OPTIONS", "localhost", "http://evil.example", NULL, true}, "dynamo.allowed_origins"},
	{{"GET", "localhost", "http://evil.example", NULL, true}, "dynamo.allowed_origins"},
	{{"POST", "localhost", "null", NULL, true}, "dynamo.allowed_origins"},
	{{"POST", "localhost", "file://", NULL, true}, "dynamo.allowed_origins"},
	{{"POST", "localhost", "whatever", NULL, true}, NULL},
	{{"POST", "localhost", "", NULL, true}, NULL},
	{{"POST", "localhost", NULL, "cross-site", true}, "dynamo.allowed_origins"},
	{{"GET", "localhost", NULL, "cross-site", true}, NULL},
	{{"POST", "localhost", NULL, "same-origin", true}, NULL},
	{{"POST", "localhost", "http://localhost:3000", "cross-site", true}, NULL},
};

static void
test_lists(const ListRow *rows, int count,
		   bool (*in_list) (const char *text, const char *list))
{
	int			i;

	for (i = 0; i < count; i++)
		unit_ok(in_list(rows[i].text, rows[i].list) == rows[i].expected,
				"\"%s\" in \"%s\": %s", rows[i].text, rows[i].list,
				rows[i].expected ? "yes" : "no");
}

static void
test_requests(void)
{
	int			i;

	for (i = 0; i < lengthof(request_rows); i++)
	{
		const char *setting = ddb_auth_refuse_browser(&request_rows[i].request);
		const char *expected = request_rows[i].refused_by;

		unit_is_string(setting != NULL ? setting : "none",
					   expected != NULL ? expected : "none",
					   "request %d is refused by", i);
	}
}

int
main(void)
{
	char		loopback[] = "loopback";
	char		long_name[400];

	test_lists(host_rows, lengthof(host_rows), ddb_auth_host_in_list);
	test_lists(origin_rows, lengthof(origin_rows), ddb_auth_origin_in_list);
	memset(long_name, 'a', sizeof(long_name) - 1);
	long_name[sizeof(long_name) - 1] = '\0';
	unit_ok(!ddb_auth_host_in_list(long_name, "*"), "a name that is too long is none");

	ddb_setting_allowed_hosts = loopback;
	ddb_setting_allowed_origins = loopback;
	test_requests();
	return unit_done();
}
