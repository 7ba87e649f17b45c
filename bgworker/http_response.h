/*
 * http_response.h
 *	  Answers: their bodies, headers and compression.
 */
#ifndef DDB_BGWORKER_HTTP_RESPONSE_H
#define DDB_BGWORKER_HTTP_RESPONSE_H

#include "bgworker/http_request.h"
#include "core/error.h"

/*
 * Each of these completes the request's response, in its memory context, and
 * leaves it in phase HTTP_COMPLETE (or HTTP_COMPRESSING, for large ones).
 */
extern void http_response_success(HttpRequest *request);
extern void http_response_failure(HttpRequest *request,
								  const DdbFailure *failure);
extern void http_response_health(HttpRequest *request);
extern void http_response_preflight(HttpRequest *request);
extern void http_response_not_found(HttpRequest *request);
extern void http_response_too_large(HttpRequest *request);

/* Refuse a web page; the setting is the one that would let it in. */
extern void http_response_forbidden(HttpRequest *request, const char *setting);

/* Compress another piece; returns whether the response is complete. */
extern bool http_response_compress(HttpRequest *request);

/* Give up a compression under way. */
extern void http_response_abandon(HttpRequest *request);

/*
 * Hand the response to libmicrohttpd; to be called in its callback, raises
 * nothing.
 */
extern enum MHD_Result http_response_queue(HttpRequest *request);

/* A fresh request id. */
extern void http_request_id(char *id);

#endif							/* DDB_BGWORKER_HTTP_RESPONSE_H */
