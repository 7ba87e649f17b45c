/*
 * test_expr.h
 *	  Functions that the tests of expressions share: requests in a short
 *	  notation, and the messages of the service about them.
 *
 * The maps below are written with ' for ".  A request has only those names and
 * values below that its expression mentions, so that none is unused.
 */
#ifndef TEST_EXPR_H
#define TEST_EXPR_H

#include "postgres.h"

#include "expr/expr.h"
#include "model/validation.h"
#include "unit.h"

/* An expression and the message it gets; NULL: it is good. */
typedef struct ExpressionRow
{
	const char *expression;
	const char *message;
} ExpressionRow;

static const char default_names[] =
"{'#a':'a','#b':'b','#p':'p','#dot':'x.y','#hash':'#a','#Options':'Options','#articleId':'articleId'}";

static const char default_values[] =
"{':v':{'S':'v'},':w':{'S':'w'},':x':{'S':'x'},':s':{'S':'s'},"
"':n':{'N':'1'},':m':{'N':'5'},':z':{'N':'0'},"
"':bool':{'BOOL':true},':null':{'NULL':true},':bin':{'B':'Yg=='},"
"':e':{'L':[]},':l':{'L':[{'S':'d'}]},':map':{'M':{}},"
"':ss':{'SS':['p','q']},':ns':{'NS':['1','2']},':bs':{'BS':['Yg==']},"
"':t':{'S':'N'},':xx':{'S':'XX'},':something':{'S':'s'},':ckpst':{'S':'c'}}";

/* JSON with ' for ". */
static const char *
quoted(const char *text)
{
	char	   *copy = pstrdup(text);
	char	   *c;

	for (c = copy; *c != '\0'; c++)
	{
		if (*c == '\'')
			*c = '"';
	}
	return copy;
}

static DdbText
text_of(const char *string)
{
	return ddb_text_from_cstring(string);
}

/* Returns whether the name is a token of the expression. */
static bool
mentions(const char *expression, DdbText name)
{
	const char *found = expression;

	while ((found = strstr(found, name.data)) != NULL)
	{
		char		after = found[name.len];

		if (!isalnum((unsigned char) after) && after != '_')
			return true;
		found++;
	}
	return false;
}

/* Returns the members of a map that the expression mentions; NULL if there are none. */
static DdbJson *
mentioned(const char *map, const char *expression)
{
	DdbJson    *all = unit_json(quoted(map));
	DdbJson    *some = ddb_json_make(DDB_JSON_OBJECT);
	DdbJson    *member;
	DdbJson    *next;

	for (member = all->first; member != NULL; member = next)
	{
		next = member->next;
		member->next = NULL;
		if (mentions(expression, member->name))
			ddb_json_append(some, member->name, member);
	}
	return some->count > 0 ? some : NULL;
}

/* Makes a request with one expression and the names and values that it needs. */
static DdbJson *
request_of(const char *parameter, const char *expression, const char *names,
		   const char *values)
{
	DdbJson    *request = ddb_json_make(DDB_JSON_OBJECT);
	DdbJson    *string = ddb_json_make(DDB_JSON_STRING);
	DdbJson    *map;

	string->text = text_of(expression);
	ddb_json_append(request, text_of(parameter), string);
	map = mentioned(names, expression);
	if (map != NULL)
		ddb_json_append(request, text_of("ExpressionAttributeNames"), map);
	map = mentioned(values, expression);
	if (map != NULL)
		ddb_json_append(request, text_of("ExpressionAttributeValues"), map);
	return request;
}

/* Compile; the message of the error, or NULL. */
static const char *
compile(const DdbOperation *operation, const DdbJson *request,
		DdbExpressions *expressions)
{
	DdbFailure	failure = {.message = NULL};

	memset(expressions, 0, sizeof(*expressions));
	UNIT_TRY()
	{
		ddb_expr_check_mix(operation, request);
		ddb_expr_parse(operation, request, expressions);
	}
	UNIT_CATCH(failure)
	{
		if (failure.type != DDB_ERROR_VALIDATION)
			return "(not a ValidationException)";
	}
	UNIT_END_TRY();
	return failure.message;
}

/* Tests every row's message, with prefix before those that are not NULL. */
static pg_attribute_unused() void
check_rows(DdbOperationId id, const char *parameter, const char *prefix,
		   const ExpressionRow *rows, int count)
{
	int			i;

	for (i = 0; i < count; i++)
	{
		DdbExpressions expressions;
		const DdbJson *request = request_of(parameter, rows[i].expression,
											default_names, default_values);
		const char *wanted = rows[i].message;

		if (wanted != NULL)
			wanted = psprintf("%s%s", prefix, wanted);
		unit_is_string(compile(ddb_operation_get(id), request, &expressions),
					   wanted, "%s", rows[i].expression);
	}
}

#endif							/* TEST_EXPR_H */
