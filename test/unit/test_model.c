/*
 * test_model.c
 *	  The validator: types, constraints, their texts and their order.
 *
 * Each row is a request and the message of the service, NULL for no message.
 * An asterisk in a message matches anything up to the text that follows it.
 */
#include "unit.h"

#include "model/model_int.h"
#include "model/validation.h"

typedef struct Row
{
	const char *operation;
	const char *request;
	const char *message;
} Row;

#define BAD_RETURN_VALUES \
	"Failed to satisfy constraint: Member must satisfy enum value set:" \
	" [ALL_OLD, UPDATED_OLD, ALL_NEW, UPDATE_NEW, NONE]"
#define MUST "failed to satisfy constraint: Member must "
#define ONE "1 validation error detected: "
#define TABLE_REQUIRED \
	"The parameter 'TableName' is required but was not present in the request"
#define TABLE_LENGTH \
	"TableName must be at least 3 characters long and at most 255 characters long"
#define PATTERN \
	"satisfy regular expression pattern: [a-zA-Z0-9_.-]+"
#define NESTED \
	"class sun.reflect.generics.reflectiveObjects.ParameterizedTypeImpl" \
	" cannot be cast to class java.lang.Class" \
	" (sun.reflect.generics.reflectiveObjects.ParameterizedTypeImpl and" \
	" java.lang.Class are in module java.base of loader 'bootstrap')"
#define OBJECT_UNEXPECTED "Start of structure or map found where not expected"
#define ATTRIBUTE_VALUE "com.amazonaws.dynamodb.v20120810.AttributeValue"
#define STRINGS_10 "\"a\",\"a\",\"a\",\"a\",\"a\",\"a\",\"a\",\"a\",\"a\",\"a\""
#define CHARACTERS_64 \
	"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define CHARACTERS_256 \
	CHARACTERS_64 CHARACTERS_64 CHARACTERS_64 CHARACTERS_64

/* A PutItem request with one mistake in its item. */
#define PUT(value) "{\"TableName\":\"abc\",\"Item\":{\"a\":" value "}}"

/* The same for GetItem and one more member. */
#define GET(member) "{\"TableName\":\"abc\",\"Key\":{\"a\":{\"S\":\"x\"}}," member "}"

/* CreateTable, with everything that is required, and more members. */
#define CREATE(member) \
	"{\"TableName\":\"abc\"," \
	"\"AttributeDefinitions\":[{\"AttributeName\":\"a\",\"AttributeType\":\"S\"}]," \
	"\"KeySchema\":[{\"AttributeName\":\"a\",\"KeyType\":\"HASH\"}]" member "}"

static const Row serialization_rows[] = {
	/* String */
	{"PutItem", "{\"TableName\":true}", "TRUE_VALUE cannot be converted to String"},
	{"PutItem", "{\"TableName\":false}", "FALSE_VALUE cannot be converted to String"},
	{"PutItem", "{\"TableName\":23}", "NUMBER_VALUE cannot be converted to String"},
	{"PutItem", "{\"TableName\":-2.5}", "DECIMAL_VALUE cannot be converted to String"},
	{"PutItem", "{\"TableName\":1e2}", "DECIMAL_VALUE cannot be converted to String"},
	{"PutItem", "{\"TableName\":[]}", "Unrecognized collection type class java.lang.String"},
	{"PutItem", "{\"TableName\":{}}", OBJECT_UNEXPECTED},
	/* Boolean */
	{"GetItem", GET("\"ConsistentRead\":1"), "NUMBER_VALUE cannot be converted to Boolean"},
	{"GetItem", GET("\"ConsistentRead\":1.5"), "DECIMAL_VALUE cannot be converted to Boolean"},
	{"GetItem", GET("\"ConsistentRead\":\"x\""), "Unexpected token received from parser"},
	{"GetItem", GET("\"ConsistentRead\":\"\""), "Unexpected token received from parser"},
	{"GetItem", GET("\"ConsistentRead\":\"YES\""), NULL},
	{"GetItem", GET("\"ConsistentRead\":\"0\""), NULL},
	{"GetItem", GET("\"ConsistentRead\":[]"), "Unrecognized collection type class java.lang.Boolean"},
	{"GetItem", GET("\"ConsistentRead\":{}"), OBJECT_UNEXPECTED},
	/* Integer and Long */
	{"Scan", "{\"TableName\":\"abc\",\"Limit\":true}", "TRUE_VALUE cannot be converted to Integer"},
	{"Scan", "{\"TableName\":\"abc\",\"Limit\":\"1\"}", "STRING_VALUE cannot be converted to Integer"},
	{"Scan", "{\"TableName\":\"abc\",\"Limit\":1.9}", NULL},
	{"Scan", "{\"TableName\":\"abc\",\"Limit\":[]}", "Unrecognized collection type class java.lang.Integer"},
	{"Scan", "{\"TableName\":\"abc\",\"Limit\":{}}", OBJECT_UNEXPECTED},
	{"CreateTable", "{\"ProvisionedThroughput\":{\"ReadCapacityUnits\":\"1\"}}",
	"STRING_VALUE cannot be converted to Long"},
	{"CreateTable", "{\"ProvisionedThroughput\":{\"ReadCapacityUnits\":false}}",
	"FALSE_VALUE cannot be converted to Long"},
	{"CreateTable", "{\"ProvisionedThroughput\":{\"WriteCapacityUnits\":[]}}",
	"Unrecognized collection type class java.lang.Long"},
	/* Blob */
	{"PutItem", PUT("{\"B\":true}"), "only base-64-encoded strings are convertible to bytes"},
	{"PutItem", PUT("{\"B\":1.5}"), "only base-64-encoded strings are convertible to bytes"},
	{"PutItem", PUT("{\"B\":[]}"), "Unrecognized collection type class java.nio.ByteBuffer"},
	{"PutItem", PUT("{\"B\":{}}"), OBJECT_UNEXPECTED},
	{"PutItem", PUT("{\"B\":\"abcde\"}"),
	"Base64 encoded length is expected a multiple of 4 bytes but found: 5"},
	{"PutItem", PUT("{\"B\":\"YWJ=\"}"), "Invalid last non-pad Base64 character dectected"},
	{"PutItem", PUT("{\"B\":\"a b=\"}"), "Invalid Base64 character: ' '"},
	{"PutItem", PUT("{\"B\":\"abc\xc3\xa4\"}"), "Invalid Base64 character: '\xc3\xa4'"},
	{"PutItem", PUT("{\"B\":\"ab\xc3\xa4\"}"),
	"Base64 encoded length is expected a multiple of 4 bytes but found: 3"},
	{"PutItem", PUT("{\"NULL\":1}"), "NUMBER_VALUE cannot be converted to Boolean"},
	{"PutItem", PUT("{\"B\":\"\"}"), NULL},
	{"PutItem", PUT("{\"B\":\"YWI=\"}"), NULL},
	{"PutItem", PUT("{\"BS\":[\"YWI=\",7]}"), "only base-64-encoded strings are convertible to bytes"},
	/* Lists */
	{"PutItem", PUT("{\"SS\":\"x\"}"), "Unexpected field type"},
	{"PutItem", PUT("{\"L\":1}"), "Unexpected field type"},
	{"PutItem", PUT("{\"L\":{}}"), OBJECT_UNEXPECTED},
	{"PutItem", PUT("{\"NS\":[1]}"), "NUMBER_VALUE cannot be converted to String"},
	{"PutItem", PUT("{\"N\":1}"), "NUMBER_VALUE cannot be converted to String"},
	/* Maps */
	{"PutItem", "{\"Item\":\"x\"}", "Unexpected field type"},
	{"PutItem", "{\"Item\":true}", "Unexpected field type"},
	{"PutItem", "{\"Item\":[]}",
	"Unrecognized collection type java.util.Map<java.lang.String, " ATTRIBUTE_VALUE ">"},
	{"PutItem", PUT("{\"M\":[]}"),
	"Unrecognized collection type java.util.Map<java.lang.String, " ATTRIBUTE_VALUE ">"},
	{"PutItem", "{\"Expected\":[]}",
		"Unrecognized collection type java.util.Map<java.lang.String,"
	" com.amazonaws.dynamodb.v20120810.ExpectedAttributeValue>"},
	{"UpdateItem", "{\"AttributeUpdates\":[]}",
		"Unrecognized collection type java.util.Map<java.lang.String,"
	" com.amazonaws.dynamodb.v20120810.AttributeValueUpdate>"},
	{"Query", "{\"KeyConditions\":[]}",
		"Unrecognized collection type java.util.Map<java.lang.String,"
	" com.amazonaws.dynamodb.v20120810.Condition>"},
	{"BatchGetItem", "{\"RequestItems\":[]}",
		"Unrecognized collection type java.util.Map<java.lang.String,"
	" com.amazonaws.dynamodb.v20120810.KeysAndAttributes>"},
	{"BatchWriteItem", "{\"RequestItems\":[]}",
		"Unrecognized collection type java.util.Map<java.lang.String,"
	" java.util.List<com.amazonaws.dynamodb.v20120810.WriteRequest>>"},
	{"Scan", "{\"ExpressionAttributeNames\":[]}",
	"Unrecognized collection type java.util.Map<java.lang.String, java.lang.String>"},
	/* Structures */
	{"CreateTable", "{\"ProvisionedThroughput\":\"x\"}", "Unexpected field type"},
	{"CreateTable", "{\"ProvisionedThroughput\":[]}",
	"Unrecognized collection type class com.amazonaws.dynamodb.v20120810.ProvisionedThroughput"},
	{"CreateTable", "{\"KeySchema\":[1]}", "Unexpected value type in payload"},
	{"CreateTable", "{\"GlobalSecondaryIndexes\":[{\"KeySchema\":[[]]}]}",
	"Unrecognized collection type class com.amazonaws.dynamodb.v20120810.KeySchemaElement"},
	{"PutItem", PUT("\"x\""), "Unexpected value type in payload"},
	{"PutItem", PUT("[]"), "Unrecognized collection type class " ATTRIBUTE_VALUE},
	{"PutItem", PUT("{\"L\":[\"x\"]}"), "Unexpected value type in payload"},
	{"PutItem", "{\"Expected\":{\"a\":{\"Value\":1}}}", "Unexpected field type"},
	{"UpdateTable", "{\"GlobalSecondaryIndexUpdates\":[{\"Create\":[]}]}",
		"Unrecognized collection type class"
	" com.amazonaws.dynamodb.v20120810.CreateGlobalSecondaryIndexAction"},
	{"UpdateTable", "{\"ReplicaUpdates\":[1]}", "Unexpected value type in payload"},
	{"CreateTable", "{\"VectorIndexes\":{}}", OBJECT_UNEXPECTED},
	/* Containers in containers */
	{"BatchWriteItem", "{\"RequestItems\":{\"abc\":1}}", NESTED},
	{"BatchWriteItem", "{\"RequestItems\":{\"abc\":{}}}", OBJECT_UNEXPECTED},
	{"BatchGetItem", "{\"RequestItems\":{\"abc\":{\"Keys\":[\"x\"]}}}", NESTED},
	{"BatchGetItem", "{\"RequestItems\":{\"abc\":{\"Keys\":[[]]}}}",
	"Unrecognized collection type java.util.Map<java.lang.String, " ATTRIBUTE_VALUE ">"},
	/* The order of the model, not of the request; types before constraints */
	{"PutItem", "{\"Item\":1,\"TableName\":2,\"ReturnConsumedCapacity\":[]}",
	"Unrecognized collection type class java.lang.String"},
	{"PutItem", "{\"TableName\":7}", "NUMBER_VALUE cannot be converted to String"},
	{"PutItem", PUT("{\"M\":{\"b\":{\"L\":[{\"S\":1}]}},\"S\":true}"),
	"TRUE_VALUE cannot be converted to String"},
	{"PutItem", PUT("{\"M\":{\"b\":{\"L\":[{\"S\":1}]}}}"),
	"NUMBER_VALUE cannot be converted to String"},
	/* null is absent, what is unknown is ignored */
	{"GetItem", GET("\"AttributesToGet\":null"), NULL},
	{"GetItem", GET("\"Nonsense\":[{\"S\":1}]"), NULL},
	{"PutItem", PUT("{\"S\":\"x\",\"X\":1,\"L\":null}"), NULL},
	{"PutItem", PUT("{\"L\":[null,{\"S\":\"x\"}]}"), NULL},
	{"PutItem", "{\"tablename\":7,\"TableName\":\"abc\",\"Item\":{}}", NULL},
};

static const Row constraint_rows[] = {
	/* What the service takes */
	{"DescribeLimits", "{}", NULL},
	{"DescribeEndpoints", "{\"x\":1}", NULL},
	{"ListTables", "{}", NULL},
	{"PutItem", PUT("{\"S\":\"x\"}"), NULL},
	{"CreateTable", CREATE(""), NULL},
	{"CreateTable", CREATE(",\"LocalSecondaryIndexes\":[],\"GlobalSecondaryIndexes\":[],\"Tags\":[]"), NULL},

	/* A table's name in operations on items */
	{"GetItem", "{\"Key\":{}}", ONE "Value null at 'tableName' " MUST "not be null"},
	{"GetItem", "{\"Key\":{},\"TableName\":\"\"}",
	ONE "Value '' at 'tableName' " MUST "have length greater than or equal to 1"},
	{"DeleteItem", "{\"Key\":{},\"TableName\":\"\"}",
	ONE "Value at 'TableName' " MUST "have length greater than or equal to 1"},
	{"GetItem", "{\"Key\":{},\"TableName\":\"a;b\"}",
	ONE "Value 'a;b' at 'tableName' " MUST PATTERN},
	{"GetItem", "{\"Key\":{},\"TableName\":\"a\"}", NULL},
	{"GetItem", "{\"Key\":{},\"TableName\":\"" CHARACTERS_256 "\"}",
	ONE "Value '" CHARACTERS_256 "' at 'tableName' " MUST "have length less than or equal to 255"},
	{"GetItem", "{\"Key\":{},\"TableName\":\"arn:aws:dynamodb:us-east-1:000000000000:table/" CHARACTERS_256 "\"}",
	ONE "Value 'arn:*' at 'tableName' " MUST "have length less than or equal to 255"},
	{"GetItem", "{\"Key\":{},\"TableName\":\"arn:aws:dynamodb:us-east-1:000000000000:table/abc\"}", NULL},
	{"GetItem", "{\"Key\":{},\"TableName\":\"arn:aws:dynamodb:us-east-1:000000000000:table/a;c\"}",
	ONE "Value 'arn:aws:dynamodb:us-east-1:000000000000:table/a;c' at 'tableName' " MUST PATTERN},
	{"GetItem", "{\"Key\":{},\"TableName\":\"arn:aws:dynamodb:us-east-1:000000000000:table/abc/index/def\"}",
	ONE "Value '*' at 'tableName' " MUST PATTERN},
	{"GetItem", "{\"Key\":{},\"TableName\":\"arn:aws:dynamodb:eu-west-1:000000000000:table/abc\"}",
	ONE "Invalid AWS region in 'arn:aws:dynamodb:eu-west-1:000000000000:table/abc'"},
	{"GetItem", "{\"TableName\":\"arn:aws-cn:dynamodb:us-east-1:000000000000:table/abc\"}",
		"2 validation errors detected:"
		" Invalid AWS partition in 'arn:aws-cn:dynamodb:us-east-1:000000000000:table/abc';"
	" Value null at 'key' " MUST "not be null"},
	{"DescribeTable", "{\"TableName\":\"arn:aws:dynamodb:us-east-1:000000000000:global-table/abc\"}",
	ONE "Invalid resource type in 'arn:aws:dynamodb:us-east-1:000000000000:global-table/abc'"},
	{"DescribeTable", "{\"TableName\":\"arn:aws:dynamodb:us-east-1:000000000000:table/ab\"}",
	TABLE_LENGTH},
	{"BatchGetItem", "{\"RequestItems\":{\"arn:aws:dynamodb:mars:000000000000:table/abc\":{\"Keys\":[{}]}}}",
	ONE "Invalid AWS region in 'arn:aws:dynamodb:mars:000000000000:table/abc'"},
	{"ListTables", "{\"ExclusiveStartTableName\":\"arn:aws:dynamodb:us-east-1:000000000000:table/abc\"}",
	ONE "Value '*' at 'exclusiveStartTableName' " MUST PATTERN},
	{"GetItem", "{\"Key\":{},\"TableName\":\"arn:aws:dynamodb:us-east-1:table/abc\"}",
	ONE "Value '*' at 'tableName' " MUST PATTERN},
	{"GetItem", "{\"Key\":{},\"TableName\":\"arn:aws:s3:us-east-1:000000000000:table/abc\"}",
	ONE "Value '*' at 'tableName' " MUST PATTERN},

	/* ... of CreateTable */
	{"CreateTable", "{}", TABLE_REQUIRED},
	{"CreateTable", "{\"TableName\":\"\"}",
		"4 validation errors detected: Value '' at 'tableName' " MUST PATTERN
		"; Value '' at 'tableName' " MUST "have length greater than or equal to 3"
		"; Value null at 'keySchema' " MUST "not be null"
	"; Value null at 'attributeDefinitions' " MUST "not be null"},
	{"CreateTable", "{\"TableName\":\"" CHARACTERS_256 "\"}",
		"3 validation errors detected: Value '" CHARACTERS_256 "' at 'tableName' " MUST
	"have length less than or equal to 255; *"},

	/* ... and of the other operations on tables */
	{"DescribeTable", "{}", TABLE_REQUIRED},
	{"DeleteTable", "{\"TableName\":null}", TABLE_REQUIRED},
	{"DescribeTable", "{\"TableName\":\"\"}", TABLE_LENGTH},
	{"DescribeTable", "{\"TableName\":\";\"}", TABLE_LENGTH},
	{"DeleteTable", "{\"TableName\":\"" CHARACTERS_256 "\"}", TABLE_LENGTH},
	{"DescribeTable", "{\"TableName\":\"a;b\"}", ONE "Value 'a;b' at 'tableName' " MUST PATTERN},
	{"DescribeTable", "{\"TableName\":\"arn:aws:dynamodb:us-east-1:000000000000:table/abc\"}", NULL},
	{"DescribeTable", "{\"TableName\":\"arn:aws:dynamodb:us-east-1:000000000000:table/ab\"}", TABLE_LENGTH},

	/* ListTables: an ARN is not a name */
	{"ListTables", "{\"ExclusiveStartTableName\":\"\",\"Limit\":0}",
		"3 validation errors detected: Value '' at 'exclusiveStartTableName' " MUST PATTERN
		"; Value '' at 'exclusiveStartTableName' " MUST "have length greater than or equal to 3"
	"; Value '0' at 'limit' " MUST "have value greater than or equal to 1"},
	{"ListTables", "{\"Limit\":0}", ONE "Value '0' at 'limit' " MUST "have value greater than or equal to 1"},
	{"ListTables", "{\"Limit\":101}", ONE "Value '101' at 'limit' " MUST "have value less than or equal to 100"},
	{"ListTables", "{\"ExclusiveStartTableName\":\"arn:aws:dynamodb:us-east-1:000000000000:table/abc\"}",
	ONE "Value '*' at 'exclusiveStartTableName' " MUST PATTERN},

	/* Enums in the order of the service */
	{"GetItem", GET("\"ReturnConsumedCapacity\":\"x\""),
	ONE "Value 'x' at 'returnConsumedCapacity' " MUST "satisfy enum value set: [INDEXES, TOTAL, NONE]"},
	{"GetItem", GET("\"ReturnConsumedCapacity\":\"total\""),
	ONE "Value 'total' at 'returnConsumedCapacity' " MUST "satisfy enum value set: [INDEXES, TOTAL, NONE]"},
	{"DeleteItem", GET("\"ReturnValues\":\"x\""),
	ONE BAD_RETURN_VALUES},
	{"DeleteItem", GET("\"ReturnItemCollectionMetrics\":\"x\""),
	ONE "Value 'x' at 'returnItemCollectionMetrics' " MUST "satisfy enum value set: [SIZE, NONE]"},
	{"DeleteItem", GET("\"ReturnValuesOnConditionCheckFailure\":\"x\""),
	ONE "Value 'x' at 'returnValuesOnConditionCheckFailure' " MUST "satisfy enum value set: [ALL_OLD, NONE]"},
	{"DeleteItem", GET("\"ConditionalOperator\":\"x\""),
	ONE "Value 'x' at 'conditionalOperator' " MUST "satisfy enum value set: [OR, AND]"},
	{"DeleteItem", GET("\"Expected\":{\"b\":{\"ComparisonOperator\":\"x\"}}"),
		ONE "Value 'x' at 'expected.b.member.comparisonOperator' " MUST "satisfy enum value set:"
		" [IN, NULL, BETWEEN, LT, NOT_CONTAINS, EQ, GT, NOT_NULL, NE, LE,"
	" BEGINS_WITH, GE, CONTAINS]"},
	{"UpdateItem", GET("\"AttributeUpdates\":{\"b\":{\"Action\":\"x\"}}"),
	ONE "Value 'x' at 'attributeUpdates.b.member.action' " MUST "satisfy enum value set: [ADD, PUT, DELETE]"},
	{"Query", "{\"TableName\":\"abc\",\"Select\":\"x\"}",
		ONE "Value 'x' at 'select' " MUST "satisfy enum value set:"
	" [SPECIFIC_ATTRIBUTES, COUNT, ALL_ATTRIBUTES, ALL_PROJECTED_ATTRIBUTES]"},
	{"Query", "{\"TableName\":\"abc\",\"KeyConditions\":{\"a\":{}}}",
	ONE "Value null at 'keyConditions.a.member.comparisonOperator' " MUST "not be null"},

	/* Query and Scan */
	{"Query", "{\"TableName\":\"abc\",\"Limit\":0}",
	ONE "Value at 'Limit' " MUST "have value greater than or equal to 1"},
	{"Scan", "{\"TableName\":\"abc\",\"Limit\":0}",
	ONE "Value '0' at 'limit' " MUST "have value greater than or equal to 1"},
	{"Scan", "{\"TableName\":\"abc\",\"Limit\":-0.5}",
	ONE "Value '-1' at 'limit' " MUST "have value greater than or equal to 1"},
	{"Scan", "{\"TableName\":\"abc\",\"Segment\":-1}",
	ONE "Value '-1' at 'segment' " MUST "have value greater than or equal to 0"},
	{"Scan", "{\"TableName\":\"abc\",\"Segment\":0}", NULL},
	{"Scan", "{\"TableName\":\"abc\",\"Segment\":1000000}",
	ONE "Value '1000000' at 'segment' " MUST "have value less than or equal to 999999"},
	{"Scan", "{\"TableName\":\"abc\",\"TotalSegments\":0}",
	ONE "Value '0' at 'totalSegments' " MUST "have value greater than or equal to 1"},
	{"Scan", "{\"TableName\":\"abc\",\"TotalSegments\":1000001}",
	ONE "Value '1000001' at 'totalSegments' " MUST "have value less than or equal to 1000000"},
	{"Query", "{\"TableName\":\"abc\",\"AttributesToGet\":[]}",
	ONE "Value '[]' at 'attributesToGet' " MUST "have length greater than or equal to 1"},
	{"Query", "{\"TableName\":\"abc\",\"AttributesToGet\":[null]}",
	ONE "Value '[]' at 'attributesToGet' " MUST "have length greater than or equal to 1"},
	{"Query", "{\"TableName\":\"abc\",\"IndexName\":\"\"}",
		"2 validation errors detected: Value '' at 'indexName' " MUST PATTERN
	"; Value '' at 'indexName' " MUST "have length greater than or equal to 3"},

	/* Batches */
	{"BatchGetItem", "{}", ONE "Value null at 'requestItems' " MUST "not be null"},
	{"BatchGetItem", "{\"RequestItems\":{}}", "The requestItems parameter is required for BatchGetItem"},
	{"BatchWriteItem", "{\"RequestItems\":{}}", "The requestItems parameter is required for BatchWriteItem"},
	{"BatchGetItem", "{\"RequestItems\":{\"abc\":{}}}",
	ONE "Value null at 'requestItems.abc.member.keys' " MUST "not be null"},
	{"BatchGetItem", "{\"RequestItems\":{\"abc\":{\"Keys\":[]}}}",
	ONE "Value at 'RequestItems.abc.member.Keys' " MUST "have length greater than or equal to 1"},
	{"BatchGetItem", "{\"RequestItems\":{\"abc\":{\"Keys\":[{}]}}}", NULL},
	{"BatchGetItem", "{\"RequestItems\":{\"arn:aws:dynamodb:us-east-1:000000000000:table/abc\":{\"Keys\":[{}]}}}", NULL},
	{"BatchGetItem", "{\"RequestItems\":{\"a;\":{\"Keys\":[{\"a\":{\"S\":\"x\"}}]}}}",
		ONE "Value '{a;=KeysAndAttributes(keys=[{a=" ATTRIBUTE_VALUE "@*}], attributesToGet=null,"
		" consistentRead=null, projectionExpression=null, expressionAttributeNames=null)}' at 'requestItems'"
		" failed to satisfy constraint: Map keys must satisfy constraint:"
		" [Member must have length less than or equal to 255,"
	" Member must have length greater than or equal to 3, Member must " PATTERN "]"},
	{"BatchWriteItem", "{\"RequestItems\":{\"abc\":[]}}",
		ONE "Value '{abc=[]}' at 'requestItems' failed to satisfy constraint:"
		" Map value must satisfy constraint: [Member must have length less than or equal to 25,"
	" Member must have length greater than or equal to 1]"},
	{"BatchWriteItem", "{\"RequestItems\":{\"abc\":[{\"PutRequest\":{}},{\"DeleteRequest\":{}}]}}",
		"2 validation errors detected:"
		" Value null at 'requestItems.abc.member.1.member.putRequest.item' " MUST "not be null;"
	" Value null at 'requestItems.abc.member.2.member.deleteRequest.key' " MUST "not be null"},
	{"BatchWriteItem", "{\"RequestItems\":{\"a\":[{\"PutRequest\":{\"Item\":{\"v1\":{\"S\":\"x\"}}}}]}}",
		ONE "Value '{a=[WriteRequest(putRequest=PutRequest(item={v1=" ATTRIBUTE_VALUE
		"@*}, workloadProfileName=null), deleteRequest=null)]}' at 'requestItems' *"},
	{"BatchWriteItem", "{\"RequestItems\":{\"abc\":[{}]}}", NULL},

	/* CreateTable */
	{"CreateTable", "{\"TableName\":\"abc\","
		"\"AttributeDefinitions\":[{\"AttributeName\":\"a\",\"AttributeType\":\"S\"}],"
		"\"KeySchema\":[{\"AttributeName\":\"a\",\"KeyType\":\"HASH\"},{\"AttributeName\":\"b\",\"KeyType\":\"RANGE\"},"
		"{\"AttributeName\":\"c\",\"KeyType\":\"RANGE\"}]}",
		ONE "Value '[KeySchemaElement(attributeName=a, keyType=HASH), KeySchemaElement(attributeName=b, keyType=RANGE),"
	" KeySchemaElement(attributeName=c, keyType=RANGE)]' at 'keySchema' " MUST "have length less than or equal to 2"},
	{"CreateTable", "{\"TableName\":\"abc\",\"BillingMode\":\"x\","
		"\"AttributeDefinitions\":[{\"AttributeType\":\"X\"}],"
		"\"KeySchema\":[{\"AttributeName\":\"\",\"KeyType\":\"Y\"}],"
		"\"ProvisionedThroughput\":{\"ReadCapacityUnits\":0}}",
		"7 validation errors detected:"
		" Value 'x' at 'billingMode' " MUST "satisfy enum value set: [PROVISIONED, PAY_PER_REQUEST];"
		" Value null at 'provisionedThroughput.writeCapacityUnits' " MUST "not be null;"
		" Value '0' at 'provisionedThroughput.readCapacityUnits' " MUST "have value greater than or equal to 1;"
		" Value '' at 'keySchema.1.member.attributeName' " MUST "have length greater than or equal to 1;"
		" Value 'Y' at 'keySchema.1.member.keyType' " MUST "satisfy enum value set: [HASH, RANGE];"
		" Value null at 'attributeDefinitions.1.member.attributeName' " MUST "not be null;"
	" Value 'X' at 'attributeDefinitions.1.member.attributeType' " MUST "satisfy enum value set: [B, N, S]"},
	{"CreateTable", CREATE(",\"GlobalSecondaryIndexes\":[{}]"),
		"3 validation errors detected:"
		" Value null at 'globalSecondaryIndexes.1.member.keySchema' " MUST "not be null;"
		" Value null at 'globalSecondaryIndexes.1.member.projection' " MUST "not be null;"
	" Value null at 'globalSecondaryIndexes.1.member.indexName' " MUST "not be null"},
	{"CreateTable", CREATE(",\"LocalSecondaryIndexes\":[{\"IndexName\":\"h;\",\"KeySchema\":[],\"Projection\":"
		"{\"ProjectionType\":\"x\",\"NonKeyAttributes\":[]}}]"),
		"5 validation errors detected:"
		" Value 'h;' at 'localSecondaryIndexes.1.member.indexName' " MUST PATTERN ";"
		" Value 'h;' at 'localSecondaryIndexes.1.member.indexName' " MUST "have length greater than or equal to 3;"
		" Value '[]' at 'localSecondaryIndexes.1.member.keySchema' " MUST "have length greater than or equal to 1;"
		" Value 'x' at 'localSecondaryIndexes.1.member.projection.projectionType' " MUST
		"satisfy enum value set: [ALL, INCLUDE, KEYS_ONLY];"
		" Value '[]' at 'localSecondaryIndexes.1.member.projection.nonKeyAttributes' " MUST
	"have length greater than or equal to 1"},
	{"CreateTable", CREATE(",\"LocalSecondaryIndexes\":[{\"IndexName\":\"abc\","
		"\"KeySchema\":[{\"AttributeName\":\"a\",\"KeyType\":\"anything\"}],"
		"\"Projection\":{\"NonKeyAttributes\":[" STRINGS_10 "," STRINGS_10 ",\"a\"]}}]"),
		"2 validation errors detected: Value 'anything' at 'localSecondaryIndexes.1.member.keySchema.1.member.keyType' "
		MUST "satisfy enum value set: [HASH, RANGE];"
		" Value '[a, a, *]' at 'localSecondaryIndexes.1.member.projection.nonKeyAttributes' " MUST
	"have length less than or equal to 20"},
	{"CreateTable", CREATE(",\"StreamSpecification\":{\"StreamViewType\":\"x\"}"),
		"2 validation errors detected: Value null at 'streamSpecification.streamEnabled' " MUST "not be null;"
		" Value 'x' at 'streamSpecification.streamViewType' " MUST
	"satisfy enum value set: [NEW_AND_OLD_IMAGES, OLD_IMAGE, NEW_IMAGE, KEYS_ONLY]"},
	{"CreateTable", CREATE(",\"SSESpecification\":{\"SSEType\":\"x\"}"),
	ONE "Value 'x' at 'sSESpecification.sSEType' " MUST "satisfy enum value set: [AES256, KMS]"},
	{"CreateTable", CREATE(",\"TableClass\":\"x\""),
		"Invalid table-class parameter provided. Please try again with a valid table-class value:"
	" [STANDARD, STANDARD_INFREQUENT_ACCESS]."},
	{"CreateTable", CREATE(",\"TableThroughputMode\":\"x\",\"BillingMode\":\"y\""),
	ONE "Value 'x' at 'tableThroughputMode' " MUST "satisfy enum value set: [PROVISIONED, PAY_PER_REQUEST]"},
};

static const Row aggregation_rows[] = {
	/* UpdateTable: throughput, then index updates; in each the writes first */
	{"UpdateTable", "{}", TABLE_REQUIRED},
	{"UpdateTable", "{\"TableName\":\"ab\"}",
	ONE "Value 'ab' at 'tableName' " MUST "have length greater than or equal to 3"},
	{"UpdateTable", "{\"TableName\":\"abc\"}", NULL},
	{"UpdateTable", "{\"TableName\":\"abc\",\"GlobalSecondaryIndexUpdates\":[{\"Update\":{\"ProvisionedThroughput\":{}}},"
		"{\"Delete\":{\"IndexName\":\"a;\"}}],\"ProvisionedThroughput\":{\"ReadCapacityUnits\":0},\"BillingMode\":\"x\"}",
		"8 validation errors detected:"
		" Value null at 'provisionedThroughput.writeCapacityUnits' " MUST "not be null;"
		" Value '0' at 'provisionedThroughput.readCapacityUnits' " MUST "have value greater than or equal to 1;"
		" Value 'x' at 'billingMode' " MUST "satisfy enum value set: [PROVISIONED, PAY_PER_REQUEST];"
		" Value null at 'globalSecondaryIndexUpdates.1.member.update.indexName' " MUST "not be null;"
		" Value null at 'globalSecondaryIndexUpdates.1.member.update.provisionedThroughput.writeCapacityUnits' " MUST "not be null;"
		" Value null at 'globalSecondaryIndexUpdates.1.member.update.provisionedThroughput.readCapacityUnits' " MUST "not be null;"
		" Value 'a;' at 'globalSecondaryIndexUpdates.2.member.delete.indexName' " MUST PATTERN ";"
		" Value 'a;' at 'globalSecondaryIndexUpdates.2.member.delete.indexName' " MUST
	"have length greater than or equal to 3"},
	{"UpdateTable", "{\"TableName\":\"abc\",\"GlobalSecondaryIndexUpdates\":[{\"Create\":{}}]}",
		"3 validation errors detected:"
		" Value null at 'globalSecondaryIndexUpdates.1.member.create.projection' " MUST "not be null;"
		" Value null at 'globalSecondaryIndexUpdates.1.member.create.indexName' " MUST "not be null;"
	" Value null at 'globalSecondaryIndexUpdates.1.member.create.keySchema' " MUST "not be null"},
	{"UpdateTable", "{\"TableName\":\"abc\",\"TableClass\":\"x\",\"BillingMode\":\"y\"}",
	ONE "Value 'y' at 'billingMode' *"},

	/* PutItem: a bad table name alone, then the item before the enums */
	{"PutItem", "{\"TableName\":\"a;b\",\"ReturnValues\":\"x\"}",
	ONE "Value 'a;b' at 'tableName' " MUST PATTERN},
	{"PutItem", "{\"ReturnValues\":\"x\"}", ONE "Value null at 'tableName' " MUST "not be null"},
	{"PutItem", "{\"TableName\":\"abc\",\"ReturnItemCollectionMetrics\":\"z\",\"ReturnValues\":\"y\","
		"\"ReturnConsumedCapacity\":\"x\"}",
		"4 validation errors detected: Value null at 'item' " MUST "not be null;"
		" Value 'x' at 'returnConsumedCapacity' *; " BAD_RETURN_VALUES ";"
	" Value 'z' at 'returnItemCollectionMetrics' *"},

	/* UpdateItem: the key, and the first bad enum only */
	{"UpdateItem", "{\"TableName\":\"a;b\"}", ONE "Value 'a;b' at 'tableName' " MUST PATTERN},
	{"UpdateItem", "{\"TableName\":\"abc\",\"ReturnItemCollectionMetrics\":\"z\",\"ReturnValues\":\"y\","
		"\"ReturnConsumedCapacity\":\"x\"}",
		"2 validation errors detected: Value null at 'key' " MUST "not be null;"
	" " BAD_RETURN_VALUES},
	{"UpdateItem", GET("\"ReturnItemCollectionMetrics\":\"z\",\"ReturnConsumedCapacity\":\"x\""),
	ONE "Value 'x' at 'returnConsumedCapacity' " MUST "satisfy enum value set: [INDEXES, TOTAL, NONE]"},

	/* GetItem and DeleteItem: the order of members */
	{"GetItem", "{\"ReturnConsumedCapacity\":\"x\",\"AttributesToGet\":[]}",
		"4 validation errors detected: Value 'x' at 'returnConsumedCapacity' *; Value '[]' at 'attributesToGet' *;"
	" Value null at 'tableName' *; Value null at 'key' *"},
	{"DeleteItem", "{\"ReturnValues\":\"x\"}",
		"3 validation errors detected: Value null at 'tableName' *; " BAD_RETURN_VALUES ";"
	" Value null at 'key' *"},

	{"Query", "{\"Select\":\"x\",\"ReturnConsumedCapacity\":\"y\",\"Limit\":0}",
		"4 validation errors detected: Value null at 'tableName' *; Value 'y' at 'returnConsumedCapacity' *;"
	" Value 'x' at 'select' *; Value at 'Limit' *"},
	{"Scan", "{\"ReturnConsumedCapacity\":\"y\",\"Select\":\"x\"}",
		"3 validation errors detected: Value 'x' at 'select' *; Value 'y' at 'returnConsumedCapacity' *;"
	" Value null at 'tableName' *"},

	/* A plain sentence is reported alone or not at all */
	{"BatchGetItem", "{\"RequestItems\":{},\"ReturnConsumedCapacity\":\"x\"}",
	ONE "Value 'x' at 'returnConsumedCapacity' *"},
	{"CreateTable", CREATE(",\"TableClass\":\"x\",\"BillingMode\":\"y\""),
	ONE "Value 'y' at 'billingMode' *"},

	/* Ten at most */
	{"CreateTable", CREATE(",\"GlobalSecondaryIndexes\":[{},{},{},{}]"),
	"10 validation errors detected: *; Value null at 'globalSecondaryIndexes.4.member.keySchema' " MUST "not be null"},
};

static const struct
{
	const char *number;
	int64		value;
}			integer_rows[] = {
	{"0", 0}, {"-0", 0}, {"17", 17}, {"-17", -17},
	{"1.9", 1}, {"-1.1", -2}, {"-1.0", -1}, {"-0.5", -1}, {"0.999", 0},
	{"1e3", 1000}, {"1.25E1", 12}, {"-1.25e1", -13}, {"125e-2", 1}, {"5E-1", 0},
	{"-5e-99999999999", -1}, {"0e99999999999", 0}, {"1e99999999999", PG_INT64_MAX},
	{"9223372036854775807", PG_INT64_MAX}, {"9223372036854775808", PG_INT64_MAX},
	{"-9223372036854775808", PG_INT64_MIN}, {"-9223372036854775809", PG_INT64_MIN},
	{"-9223372036854775807.5", PG_INT64_MIN}, {"9007199254740993", INT64CONST(9007199254740993)},
	{"922337203685477580.75e1", PG_INT64_MAX},
};

static void test_operations(void);
static void test_members(void);
static void test_not_an_object(const char *request);
static void test_integer(const char *number, int64 expected);
static void test_row(const Row *row, DdbErrorType type);
static void test_passes_agree(const Row *row);
static DdbFailure all_passes(const DdbOperation *operation,
							 const DdbJson *request);
static DdbFailure slow_passes(const DdbOperation *operation,
							  const DdbJson *request);
static void test_frame(DdbOperationId id, DdbValidationClass class, bool framed);
static void test_item(DdbOperationId id, const char *item, const char *expected);
static bool matches(const char *pattern, const char *text);

int
main(void)
{
	test_operations();
	test_members();
	test_not_an_object("[]");
	test_not_an_object("\"x\"");
	test_not_an_object("1");
	test_not_an_object("null");

	for (int i = 0; i < lengthof(integer_rows); i++)
		test_integer(integer_rows[i].number, integer_rows[i].value);
	for (int i = 0; i < lengthof(serialization_rows); i++)
		test_row(&serialization_rows[i], DDB_ERROR_SERIALIZATION);
	for (int i = 0; i < lengthof(constraint_rows); i++)
		test_row(&constraint_rows[i], DDB_ERROR_VALIDATION);
	for (int i = 0; i < lengthof(aggregation_rows); i++)
		test_row(&aggregation_rows[i], DDB_ERROR_VALIDATION);
	for (int i = 0; i < lengthof(constraint_rows); i++)
		test_passes_agree(&constraint_rows[i]);

	test_frame(DDB_OPERATION_PUT_ITEM, DDB_VALIDATION_MIX, true);
	test_frame(DDB_OPERATION_DELETE_ITEM, DDB_VALIDATION_UNUSED, true);
	test_frame(DDB_OPERATION_GET_ITEM, DDB_VALIDATION_MIX, false);
	test_frame(DDB_OPERATION_UPDATE_ITEM, DDB_VALIDATION_NUMBER, false);
	test_frame(DDB_OPERATION_PUT_ITEM, DDB_VALIDATION_NAMES_WITHOUT_EXPRESSION, false);
	test_frame(DDB_OPERATION_PUT_ITEM, DDB_VALIDATION_OTHER, false);
	test_frame(DDB_OPERATION_QUERY, DDB_VALIDATION_SELECT, true);
	test_frame(DDB_OPERATION_SCAN, DDB_VALIDATION_SELECT, false);

	test_item(DDB_OPERATION_PUT_ITEM, "{\"a\":{\"NULL\":false}}", ONE "*Null attribute value types*");
	test_item(DDB_OPERATION_BATCH_WRITE_ITEM, "{\"a\":{\"NULL\":false}}",
			  "One or more parameter values were invalid: Null attribute value types*");
	test_item(DDB_OPERATION_PUT_ITEM, "{\"a\":{\"N\":\"x\"}}",
			  "The parameter cannot be converted to a numeric value: x");
	test_item(DDB_OPERATION_PUT_ITEM, "{\"a\":{}}", "Supplied AttributeValue is empty*");
	test_item(DDB_OPERATION_PUT_ITEM, "{\"a\":{\"S\":\"x\"}}", "");
	return unit_done();
}

static void
test_operations(void)
{
	for (int i = 0; i < DDB_OPERATION_COUNT; i++)
	{
		const DdbOperation *operation = ddb_operation_get(i);

		unit_ok(operation->id == i &&
				ddb_operation_find(operation->name) == operation,
				"%s is found", operation->name);
	}
	unit_ok(ddb_operation_find("getitem") == NULL, "names are case-sensitive");
	unit_ok(ddb_operation_find("") == NULL, "no name is none");
	unit_ok(ddb_operation_find("GetItems") == NULL, "a longer name is another");
}

static void
test_members(void)
{
	DdbJson    *request = unit_json("{\"s\":\"x\",\"n\":7,\"b\":true,\"y\":\"Yes\",\"f\":\"no\",\"z\":null}");

	unit_ok(strcmp(ddb_request_string(request, "s", "d"), "x") == 0, "a string");
	unit_ok(strcmp(ddb_request_string(request, "z", "d"), "d") == 0, "a null string");
	unit_ok(ddb_request_string(request, "S", NULL) == NULL, "an absent string");
	unit_ok(ddb_request_int(request, "n", 1) == 7, "a number");
	unit_ok(ddb_request_int(request, "z", 1) == 1, "a null number");
	unit_ok(ddb_request_bool(request, "b", false), "a boolean");
	unit_ok(ddb_request_bool(request, "y", false), "a word that is true");
	unit_ok(!ddb_request_bool(request, "f", true), "a word that is false");
	unit_ok(ddb_request_bool(request, "z", true), "a null boolean");
}

static void
test_not_an_object(const char *request)
{
	DdbFailure	failure = all_passes(ddb_operation_get(DDB_OPERATION_LIST_TABLES),
									 unit_json(request));

	unit_ok(failure.type == DDB_ERROR_SERIALIZATION && failure.message == NULL,
			"a request that is %s", request);
}

static void
test_integer(const char *number, int64 expected)
{
	char	   *text = psprintf("[%s]", number);
	int64		value = ddb_json_as_int(unit_json(text)->first);

	unit_ok(value == expected, "%s is " INT64_FORMAT, number, value);
}

static void
test_row(const Row *row, DdbErrorType type)
{
	DdbFailure	failure = all_passes(ddb_operation_find(row->operation),
									 unit_json(row->request));
	bool		passed;

	if (row->message == NULL)
		passed = failure.type == DDB_ERROR_COUNT;
	else
		passed = failure.type == type && matches(row->message, failure.message);

	if (!unit_ok(passed, "%s %s", row->operation, row->request))
		printf("#   said: %s\n", failure.message);
}

/* Damages a request in many ways.  Both ways to validate it must agree. */
static void
test_passes_agree(const Row *row)
{
	static const char spare[] = "{}[]:,\"01-.;aS null";
	const DdbOperation *operation = ddb_operation_find(row->operation);
	int			len = strlen(row->request);
	int			parsed = 0;
	int			disagreed = 0;

	for (int i = 0; i < len * 8; i++)
	{
		char	   *text;
		DdbJson    *json;
		DdbFailure	quick;
		DdbFailure	slow;

		shim_reset_memory();
		text = pstrdup(row->request);
		text[i % len] = spare[unit_random_below(sizeof(spare) - 1)];
		json = ddb_json_parse(text, len);
		if (json == NULL || json->type != DDB_JSON_OBJECT)
			continue;
		parsed++;
		quick = all_passes(operation, json);
		slow = slow_passes(operation, json);
		if (quick.type == slow.type &&
			strcmp(quick.message, slow.message) == 0)
			continue;
		disagreed++;
		printf("# %s %s\n", row->operation, text);
	}
	unit_ok(disagreed == 0, "%d damaged requests of %s", parsed, row->operation);
}

/* Returns the error of the validator; DDB_ERROR_COUNT means none. */
static DdbFailure
all_passes(const DdbOperation *operation, const DdbJson *request)
{
	DdbFailure	failure = {.type = DDB_ERROR_COUNT, .message = ""};

	UNIT_TRY()
	{
		ddb_model_validate(operation, request);
	}
	UNIT_CATCH(failure)
	{
	}
	UNIT_END_TRY();
	return failure;
}

/* Returns the error of the slow passes alone.  The quick pass must not change it. */
static DdbFailure
slow_passes(const DdbOperation *operation, const DdbJson *request)
{
	DdbFailure	failure = {.type = DDB_ERROR_COUNT, .message = ""};

	UNIT_TRY()
	{
		ddb_shape_check_types(operation->input, request);
		ddb_shape_check_constraints(operation->input, request);
	}
	UNIT_CATCH(failure)
	{
	}
	UNIT_END_TRY();
	return failure;
}

static void
test_frame(DdbOperationId id, DdbValidationClass class, bool framed)
{
	DdbFailure	failure = {.message = ""};
	const char *expected = framed ? ONE "100% x" : "100% x";

	UNIT_TRY()
	{
		ddb_validation_error(ddb_operation_get(id), class, "%d%% %s", 100, "x");
	}
	UNIT_CATCH(failure)
	{
	}
	UNIT_END_TRY();
	unit_ok(failure.type == DDB_ERROR_VALIDATION &&
			strcmp(failure.message, expected) == 0,
			"class %d of %s: %s", class, ddb_operation_get(id)->name,
			failure.message);
}

/* The service's message for an item, with the prefix of the operation. */
static void
test_item(DdbOperationId id, const char *item, const char *expected)
{
	DdbFailure	failure = {.message = ""};

	UNIT_TRY()
	{
		(void) ddb_validate_item(ddb_operation_get(id), unit_json(item));
	}
	UNIT_CATCH(failure)
	{
	}
	UNIT_END_TRY();
	unit_ok(matches(expected, failure.message), "%s: %s", item, failure.message);
}

/* Returns whether the text matches.  An asterisk in the pattern matches anything. */
static bool
matches(const char *pattern, const char *text)
{
	for (; *pattern != '*'; pattern++, text++)
	{
		if (*pattern != *text)
			return false;
		if (*pattern == '\0')
			return true;
	}
	do
	{
		if (matches(pattern + 1, text))
			return true;
	} while (*text++ != '\0');
	return false;
}
