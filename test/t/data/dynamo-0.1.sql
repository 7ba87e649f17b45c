--
-- What pg_dump wrote of a database of version 0.1.  VERSION was added.
--

SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;

--
-- Name: dynamo; Type: EXTENSION; Schema: -; Owner: -
--

CREATE EXTENSION IF NOT EXISTS dynamo WITH SCHEMA public VERSION '0.1';

--
-- Name: EXTENSION dynamo; Type: COMMENT; Schema: -; Owner: 
--

COMMENT ON EXTENSION dynamo IS 'the DynamoDB API over HTTP and SQL';

--
-- Name: dynamo_data; Type: SCHEMA; Schema: -; Owner: -
--

CREATE SCHEMA dynamo_data;

SET default_tablespace = '';

SET default_table_access_method = heap;

--
-- Name: Music; Type: TABLE; Schema: dynamo_data; Owner: -
--

CREATE TABLE dynamo_data."Music" (
    pk text NOT NULL COLLATE pg_catalog."C",
    sk text NOT NULL COLLATE pg_catalog."C",
    item jsonb NOT NULL
);
ALTER TABLE ONLY dynamo_data."Music" ALTER COLUMN item SET COMPRESSION lz4;

--
-- Name: TABLE "Music"; Type: COMMENT; Schema: dynamo_data; Owner: -
--

COMMENT ON TABLE dynamo_data."Music" IS 'DynamoDB table Music';

--
-- Name: Plain; Type: TABLE; Schema: dynamo_data; Owner: -
--

CREATE TABLE dynamo_data."Plain" (
    pk numeric NOT NULL,
    item jsonb NOT NULL
);
ALTER TABLE ONLY dynamo_data."Plain" ALTER COLUMN item SET COMPRESSION lz4;

--
-- Name: TABLE "Plain"; Type: COMMENT; Schema: dynamo_data; Owner: -
--

COMMENT ON TABLE dynamo_data."Plain" IS 'DynamoDB table Plain';

--
-- Data for Name: tables; Type: TABLE DATA; Schema: dynamo_catalog; Owner: -
--

COPY dynamo_catalog.tables (table_name, table_id, heap_name, status, created_at, partition_key, partition_key_type, sort_key, sort_key_type, definition, shown_status, shown_until, ttl_status, ttl_attribute, ttl_changed_at) FROM stdin;
Plain	8cf7ee36-a593-4f62-bd43-8cb6b9d02ded	Plain	ACTIVE	2026-12-01 00:16:47.007636+00	id	N	\N	\N	{"BillingMode": "PAY_PER_REQUEST", "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "N"}], "LastUpdateToPayPerRequestDateTime": 1796084207.007}	\N	\N	DISABLED	\N	\N
Music	5d792ffd-1046-40f0-9b91-41972c556361	Music	ACTIVE	2026-12-01 00:16:47.102137+00	Artist	S	Song	S	{"BillingMode": "PAY_PER_REQUEST", "AttributeDefinitions": [{"AttributeName": "Artist", "AttributeType": "S"}, {"AttributeName": "Song", "AttributeType": "S"}, {"AttributeName": "Year", "AttributeType": "N"}], "LastUpdateToPayPerRequestDateTime": 1796084207.102}	\N	\N	ENABLED	expires	2026-12-01 00:16:47.181121+00
\.

--
-- Data for Name: indexes; Type: TABLE DATA; Schema: dynamo_catalog; Owner: -
--

COPY dynamo_catalog.indexes (table_name, index_name, kind, "position", relation_name, status, backfilling, definition, shown_status, shown_until) FROM stdin;
Music	ByYear	LOCAL	0	Music:i:ByYear	ACTIVE	f	{"KeySchema": [{"KeyType": "HASH", "AttributeName": "Artist"}, {"KeyType": "RANGE", "AttributeName": "Year"}], "Projection": {"ProjectionType": "ALL"}}	\N	\N
Music	Years	GLOBAL	1	Music:i:Years	ACTIVE	f	{"KeySchema": [{"KeyType": "HASH", "AttributeName": "Year"}], "Projection": {"ProjectionType": "KEYS_ONLY"}}	\N	\N
\.

--
-- Data for Name: tags; Type: TABLE DATA; Schema: dynamo_catalog; Owner: -
--

COPY dynamo_catalog.tags (table_name, tag_key, tag_value) FROM stdin;
Plain	team	blue
\.

--
-- Data for Name: Music; Type: TABLE DATA; Schema: dynamo_data; Owner: -
--

COPY dynamo_data."Music" (pk, sk, item) FROM stdin;
artist 1	song 1	{"Song": {"S": "song 1"}, "Year": {"N": "1991"}, "tags": {"SS": ["a", "b"]}, "Artist": {"S": "artist 1"}}
artist 0	song 2	{"Song": {"S": "song 2"}, "Year": {"N": "1992"}, "tags": {"SS": ["a", "b"]}, "Artist": {"S": "artist 0"}}
artist 1	song 3	{"Song": {"S": "song 3"}, "Year": {"N": "1993"}, "tags": {"SS": ["a", "b"]}, "Artist": {"S": "artist 1"}}
artist 0	song 4	{"Song": {"S": "song 4"}, "Year": {"N": "1994"}, "tags": {"SS": ["a", "b"]}, "Artist": {"S": "artist 0"}}
artist 1	song 5	{"Song": {"S": "song 5"}, "Year": {"N": "1995"}, "tags": {"SS": ["a", "b"]}, "Artist": {"S": "artist 1"}}
artist 0	song 6	{"Song": {"S": "song 6"}, "Year": {"N": "1996"}, "tags": {"SS": ["a", "b"]}, "Artist": {"S": "artist 0"}}
\.

--
-- Data for Name: Plain; Type: TABLE DATA; Schema: dynamo_data; Owner: -
--

COPY dynamo_data."Plain" (pk, item) FROM stdin;
1	{"v": {"S": "value 1"}, "id": {"N": "1"}}
2	{"v": {"S": "value 2"}, "id": {"N": "2"}}
3	{"v": {"S": "value 3"}, "id": {"N": "3"}}
4	{"v": {"S": "value 4"}, "id": {"N": "4"}}
5	{"v": {"S": "value 5"}, "id": {"N": "5"}}
\.

--
-- Name: Music Music:pkey; Type: CONSTRAINT; Schema: dynamo_data; Owner: -
--

ALTER TABLE ONLY dynamo_data."Music"
    ADD CONSTRAINT "Music:pkey" PRIMARY KEY (pk, sk);

--
-- Name: Plain Plain:pkey; Type: CONSTRAINT; Schema: dynamo_data; Owner: -
--

ALTER TABLE ONLY dynamo_data."Plain"
    ADD CONSTRAINT "Plain:pkey" PRIMARY KEY (pk);

--
-- Name: Music:i:ByYear; Type: INDEX; Schema: dynamo_data; Owner: -
--

CREATE INDEX "Music:i:ByYear" ON dynamo_data."Music" USING btree (dynamo.index_key(item, 'hS6:Artist rN4:Year kS6:Artist kS4:Song'::text)) WHERE (item ? 'Year'::text);

--
-- Name: Music:i:Years; Type: INDEX; Schema: dynamo_data; Owner: -
--

CREATE INDEX "Music:i:Years" ON dynamo_data."Music" USING btree (dynamo.index_key(item, 'hN4:Year kS6:Artist kS4:Song'::text)) WHERE (item ? 'Year'::text);

--
-- Name: Music:token; Type: INDEX; Schema: dynamo_data; Owner: -
--

CREATE INDEX "Music:token" ON dynamo_data."Music" USING btree (dynamo.token(pk), pk, sk);

--
-- Name: Music:ttl; Type: INDEX; Schema: dynamo_data; Owner: -
--

CREATE INDEX "Music:ttl" ON dynamo_data."Music" USING btree (dynamo.expiry(item, 'expires'::text)) WHERE (dynamo.expiry(item, 'expires'::text) IS NOT NULL);

--
-- Name: Plain:token; Type: INDEX; Schema: dynamo_data; Owner: -
--

CREATE INDEX "Plain:token" ON dynamo_data."Plain" USING btree (dynamo.token(pk), pk);

--
-- Name: SCHEMA dynamo_data; Type: ACL; Schema: -; Owner: -
--

GRANT USAGE ON SCHEMA dynamo_data TO dynamo_service;

--
-- Name: TABLE "Music"; Type: ACL; Schema: dynamo_data; Owner: -
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE dynamo_data."Music" TO dynamo_service;

--
-- Name: TABLE "Plain"; Type: ACL; Schema: dynamo_data; Owner: -
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE dynamo_data."Plain" TO dynamo_service;

--
-- PostgreSQL database dump complete
--
