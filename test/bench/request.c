/*
 * request.c
 *	  Bytes, and requests made of them: HTTP/1.1 with Signature Version 4.
 */
#include "ddbload.h"

#include <openssl/hmac.h>
#include <openssl/sha.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static void
reserve(Buf *b, size_t n)
{
	if (b->len + n <= b->cap)
		return;
	b->cap = (b->len + n) * 2;
	if (!(b->p = realloc(b->p, b->cap)))
		die("out of memory");
}

void
put_mem(Buf *b, const void *p, size_t n)
{
	reserve(b, n);
	memcpy(b->p + b->len, p, n);
	b->len += n;
}

void
put_f(Buf *b, const char *fmt, ...)
{
	va_list		ap;
	int			n;

	reserve(b, 1024);
	va_start(ap, fmt);
	n = vsnprintf(b->p + b->len, 1024, fmt, ap);
	va_end(ap);
	if (n < 0 || n >= 1024)
		die("formatted piece too long");
	b->len += n;
}

static void
hex(char *dst, const unsigned char *src, int n)
{
	static const char digits[] = "0123456789abcdef";

	for (int i = 0; i < n; i++)
	{
		dst[2 * i] = digits[src[i] >> 4];
		dst[2 * i + 1] = digits[src[i] & 15];
	}
	dst[2 * n] = 0;
}

static void
hmac(const void *key, int keylen, const char *msg, unsigned char out[32])
{
	if (!HMAC(EVP_sha256(), key, keylen, (const unsigned char *) msg, strlen(msg), out, NULL))
		die("HMAC failed");
}

void
sign_request(Buf *out, const char *op, const char *body, size_t bodylen)
{
	static unsigned char key[32];
	static char key_date[9];
	unsigned char md[32];
	char		amzdate[32], date[9], hash[65], sig[65], scope[128], canon[1024], sts[512];
	time_t		t = time(NULL);
	struct tm	tm;

	gmtime_r(&t, &tm);
	strftime(amzdate, sizeof amzdate, "%Y%m%dT%H%M%SZ", &tm);
	memcpy(date, amzdate, 8);
	date[8] = 0;
	if (strcmp(date, key_date) != 0)
	{
		char		k[256];

		snprintf(k, sizeof k, "AWS4%s", opt.secret_key);
		hmac(k, strlen(k), date, key);
		hmac(key, 32, opt.region, key);
		hmac(key, 32, "dynamodb", key);
		hmac(key, 32, "aws4_request", key);
		strcpy(key_date, date);
	}
	snprintf(scope, sizeof scope, "%s/%s/dynamodb/aws4_request", date, opt.region);
	SHA256((const unsigned char *) body, bodylen, md);
	hex(hash, md, 32);
	snprintf(canon, sizeof canon,
			 "POST\n/\n\ncontent-type:application/x-amz-json-1.0\nhost:%s:%s\n"
			 "x-amz-date:%s\nx-amz-target:DynamoDB_20120810.%s\n\n"
			 "content-type;host;x-amz-date;x-amz-target\n%s",
			 opt.host, opt.port, amzdate, op, hash);
	SHA256((const unsigned char *) canon, strlen(canon), md);
	hex(hash, md, 32);
	snprintf(sts, sizeof sts, "AWS4-HMAC-SHA256\n%s\n%s\n%s", amzdate, scope, hash);
	hmac(key, 32, sts, md);
	hex(sig, md, 32);
	put_f(out,
		  "POST / HTTP/1.1\r\nHost: %s:%s\r\nContent-Type: application/x-amz-json-1.0\r\n"
		  "X-Amz-Date: %s\r\nX-Amz-Target: DynamoDB_20120810.%s\r\n"
		  "Authorization: AWS4-HMAC-SHA256 Credential=%s/%s, "
		  "SignedHeaders=content-type;host;x-amz-date;x-amz-target, Signature=%s\r\n"
		  "Content-Length: %zu\r\n\r\n",
		  opt.host, opt.port, amzdate, op, opt.access_key, scope, sig, bodylen);
	put_mem(out, body, bodylen);
}
