/*
 * json_writer.c
 *	  The writer of JSON.
 *
 * Strings are copied in runs that need no escape; usually one run is the whole
 * string.  All input is in stored form.  Unless the output is in stored form,
 * each pair is written as the escape of the character that it stands for.
 */
#include "postgres.h"

#include "value/base64.h"
#include "value/json.h"
#include "value/json_plain_int.h"

/* Room for an int64 with its sign. */
#define INT64_MAX_TEXT 20

static void begin_value(DdbJsonWriter *writer);
static void end_value(DdbJsonWriter *writer);
static void write_quoted(DdbJsonWriter *writer, DdbText text);
static int	plain_prefix_length(const char *data, int len);
static int	write_escape(DdbJsonWriter *writer, const char *data, int len);
static char short_escape(char character);
static void write_decoded(StringInfo buf, const char *json);
static void write_children(DdbJsonWriter *writer, const DdbJson *json);

void
ddb_json_writer_init(DdbJsonWriter *writer, bool stored_form)
{
	initStringInfo(&writer->buf);
	writer->stored_form = stored_form;
	writer->separate = false;
}

DdbJsonMark
ddb_json_writer_mark(const DdbJsonWriter *writer)
{
	return (DdbJsonMark) {.len = writer->buf.len, .separate = writer->separate};
}

void
ddb_json_writer_reset(DdbJsonWriter *writer, DdbJsonMark mark)
{
	Assert(mark.len <= writer->buf.len);
	writer->buf.len = mark.len;
	writer->buf.data[mark.len] = '\0';
	writer->separate = mark.separate;
}

void
ddb_json_begin_object(DdbJsonWriter *writer)
{
	begin_value(writer);
	appendStringInfoCharMacro(&writer->buf, '{');
	writer->separate = false;
}

void
ddb_json_end_object(DdbJsonWriter *writer)
{
	appendStringInfoCharMacro(&writer->buf, '}');
	end_value(writer);
}

void
ddb_json_begin_array(DdbJsonWriter *writer)
{
	begin_value(writer);
	appendStringInfoCharMacro(&writer->buf, '[');
	writer->separate = false;
}

void
ddb_json_end_array(DdbJsonWriter *writer)
{
	appendStringInfoCharMacro(&writer->buf, ']');
	end_value(writer);
}

void
ddb_json_name(DdbJsonWriter *writer, const char *name)
{
	ddb_json_name_text(writer, ddb_text_from_cstring(name));
}

void
ddb_json_name_text(DdbJsonWriter *writer, DdbText name)
{
	begin_value(writer);
	write_quoted(writer, name);
	appendStringInfoCharMacro(&writer->buf, ':');
	writer->separate = false;
}

void
ddb_json_string(DdbJsonWriter *writer, const char *string)
{
	ddb_json_text(writer, ddb_text_from_cstring(string));
}

void
ddb_json_text(DdbJsonWriter *writer, DdbText text)
{
	begin_value(writer);
	write_quoted(writer, text);
	end_value(writer);
}

void
ddb_json_int(DdbJsonWriter *writer, int64 value)
{
	char		digits[INT64_MAX_TEXT];
	char	   *first = digits + sizeof(digits);
	uint64		rest = value < 0 ? -(uint64) value : (uint64) value;

	do
	{
		*--first = (char) ('0' + rest % 10);
		rest /= 10;
	} while (rest > 0);
	if (value < 0)
		*--first = '-';

	begin_value(writer);
	appendBinaryStringInfo(&writer->buf, first,
						   (int) (digits + sizeof(digits) - first));
	end_value(writer);
}

void
ddb_json_bool(DdbJsonWriter *writer, bool value)
{
	begin_value(writer);
	appendStringInfoString(&writer->buf, value ? "true" : "false");
	end_value(writer);
}

void
ddb_json_double(DdbJsonWriter *writer, double value)
{
	int			start;

	begin_value(writer);
	start = writer->buf.len;
	appendStringInfo(&writer->buf, "%.15g", value);
	if (strpbrk(writer->buf.data + start, ".e") == NULL)
		appendStringInfoString(&writer->buf, ".0");
	end_value(writer);
}

void
ddb_json_epoch(DdbJsonWriter *writer, int64 unix_microseconds)
{
	int64		milliseconds = unix_microseconds / 1000;

	Assert(unix_microseconds >= 0);
	begin_value(writer);
	appendStringInfo(&writer->buf, INT64_FORMAT ".%03d",
					 milliseconds / 1000, (int) (milliseconds % 1000));
	end_value(writer);
}

void
ddb_json_string_member(DdbJsonWriter *writer, const char *name,
					   const char *string)
{
	ddb_json_name(writer, name);
	ddb_json_string(writer, string);
}

void
ddb_json_text_member(DdbJsonWriter *writer, const char *name, DdbText text)
{
	ddb_json_name(writer, name);
	ddb_json_text(writer, text);
}

void
ddb_json_int_member(DdbJsonWriter *writer, const char *name, int64 value)
{
	ddb_json_name(writer, name);
	ddb_json_int(writer, value);
}

void
ddb_json_bool_member(DdbJsonWriter *writer, const char *name, bool value)
{
	ddb_json_name(writer, name);
	ddb_json_bool(writer, value);
}

void
ddb_json_epoch_member(DdbJsonWriter *writer, const char *name,
					  int64 unix_microseconds)
{
	ddb_json_name(writer, name);
	ddb_json_epoch(writer, unix_microseconds);
}

void
ddb_json_tree_member(DdbJsonWriter *writer, const char *name,
					 const DdbJson *json)
{
	ddb_json_name(writer, name);
	ddb_json_tree(writer, json);
}

void
ddb_json_raw_member(DdbJsonWriter *writer, const char *name, const char *json)
{
	ddb_json_name(writer, name);
	ddb_json_raw(writer, json);
}

void
ddb_json_base64(DdbJsonWriter *writer, DdbText bytes)
{
	StringInfo	buf = &writer->buf;
	int			len = ddb_base64_encoded_length(bytes.len);

	begin_value(writer);
	appendStringInfoCharMacro(buf, '"');
	enlargeStringInfo(buf, len);
	ddb_base64_encode_into(bytes, buf->data + buf->len);
	buf->len += len;
	appendStringInfoCharMacro(buf, '"');
	end_value(writer);
}

/* Recursive, but no tree is deeper than DDB_JSON_MAX_DEPTH. */
void
ddb_json_tree(DdbJsonWriter *writer, const DdbJson *json)
{
	switch (json->type)
	{
		case DDB_JSON_NULL:
			ddb_json_raw(writer, "null");
			break;
		case DDB_JSON_FALSE:
			ddb_json_bool(writer, false);
			break;
		case DDB_JSON_TRUE:
			ddb_json_bool(writer, true);
			break;
		case DDB_JSON_NUMBER:
			ddb_json_raw(writer, json->text.data);
			break;
		case DDB_JSON_STRING:
			ddb_json_text(writer, json->text);
			break;
		case DDB_JSON_ARRAY:
			ddb_json_begin_array(writer);
			write_children(writer, json);
			ddb_json_end_array(writer);
			break;
		case DDB_JSON_OBJECT:
			ddb_json_begin_object(writer);
			write_children(writer, json);
			ddb_json_end_object(writer);
			break;
	}
}

void
ddb_json_raw(DdbJsonWriter *writer, const char *json)
{
	begin_value(writer);
	if (writer->stored_form)
		appendStringInfoString(&writer->buf, json);
	else
		write_decoded(&writer->buf, json);
	end_value(writer);
}

static void
begin_value(DdbJsonWriter *writer)
{
	if (writer->separate)
		appendStringInfoCharMacro(&writer->buf, ',');
}

static void
end_value(DdbJsonWriter *writer)
{
	writer->separate = true;
}

static void
write_quoted(DdbJsonWriter *writer, DdbText text)
{
	StringInfo	buf = &writer->buf;
	int			done = 0;

	appendStringInfoCharMacro(buf, '"');
	enlargeStringInfo(buf, text.len);
	if (copy_plain(buf->data + buf->len, text.data, text.len))
	{
		buf->len += text.len;
		done = text.len;
	}
	while (done < text.len)
	{
		int			plain = plain_prefix_length(text.data + done, text.len - done);

		appendBinaryStringInfo(buf, text.data + done, plain);
		done += plain;
		if (done < text.len)
			done += write_escape(writer, text.data + done, text.len - done);
	}
	appendStringInfoCharMacro(buf, '"');
}

/* Returns the number of bytes at the start that need no escape. */
static int
plain_prefix_length(const char *data, int len)
{
	int			done = 0;

	for (; len - done >= (int) sizeof(uint64); done += sizeof(uint64))
	{
		uint64		word;

		memcpy(&word, data + done, sizeof(word));
		if (!word_is_plain(word))
			break;
	}
	while (done < len && byte_is_plain((unsigned char) data[done]))
		done++;
	return done;
}

/* Writes the first character as an escape and returns its length in bytes. */
static int
write_escape(DdbJsonWriter *writer, const char *data, int len)
{
	StringInfo	buf = &writer->buf;
	char		letter = short_escape(*data);

	if (letter != '\0')
	{
		appendStringInfoCharMacro(buf, '\\');
		appendStringInfoCharMacro(buf, letter);
		return 1;
	}
	if (*data == '\001' && !writer->stored_form && len > 1 &&
		(data[1] == '\001' || data[1] == '\002'))
	{
		appendStringInfoString(buf, data[1] == '\001' ? "\\u0000" : "\\u0001");
		return 2;
	}
	appendStringInfo(buf, "\\u%04x", (unsigned char) *data);
	return 1;
}

/* The letter after a backslash, or NUL when there is none. */
static char
short_escape(char character)
{
	switch (character)
	{
		case '"':
		case '\\':
			return character;
		case '\b':
			return 'b';
		case '\f':
			return 'f';
		case '\n':
			return 'n';
		case '\r':
			return 'r';
		case '\t':
			return 't';
		default:
			return '\0';
	}
}

/*
 * Writes JSON text that is in stored form with its pairs decoded.  U+0001 can
 * appear only as an escape there.
 */
static void
write_decoded(StringInfo buf, const char *json)
{
	const char *backslash;

	while ((backslash = strchr(json, '\\')) != NULL)
	{
		appendBinaryStringInfo(buf, json, (int) (backslash - json));
		if (strncmp(backslash, "\\u0001\\u0001", 12) == 0 ||
			strncmp(backslash, "\\u0001\\u0002", 12) == 0)
		{
			appendStringInfo(buf, "\\u000%c", backslash[11] - 1);
			json = backslash + 12;
		}
		else
		{
			int			len = backslash[1] == '\0' ? 1 : 2;

			appendBinaryStringInfo(buf, backslash, len);
			json = backslash + len;
		}
	}
	appendStringInfoString(buf, json);
}

static void
write_children(DdbJsonWriter *writer, const DdbJson *json)
{
	ddb_json_foreach(child, json)
	{
		if (json->type == DDB_JSON_OBJECT)
			ddb_json_name_text(writer, child->name);
		ddb_json_tree(writer, child);
	}
}
