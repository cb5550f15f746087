-- What the statements that read a bill call.

-- How many decimals a number has, trailing zeros apart, exponent included. Zero has none, whatever its exponent.
CREATE OR REPLACE TEMP MACRO decimals_of(text) AS
    CASE WHEN regexp_matches(text, '^[^1-9eE]*[eE]') THEN 0
         ELSE length(rtrim(regexp_extract(text, '^[^.eE]*\.([0-9]*)', 1), '0'))
             - coalesce(TRY_CAST(nullif(regexp_extract(text, '[eE]([-+]?[0-9]+)$', 1), '') AS INTEGER), 0)
    END;

-- A text as the widest decimal, null where it is no number. The engine's own cast works digit by digit in 128 bits; it reads what the
-- plain one does not: white space, a sign before a number above zero.
CREATE OR REPLACE TEMP MACRO wide_decimal(text) AS coalesce(plain_decimal(text), TRY_CAST(text AS DECIMAL(38,18)));

-- Of several flags a bad value outweighs one that is too wide or rounded.
CREATE OR REPLACE TEMP MACRO worst_flag(flags) AS
    CASE WHEN list_contains(flags, 1) THEN 1 WHEN list_contains(flags, 2) THEN 2 ELSE coalesce(list_max(flags), 0) END;

-- DuckDB reads a JSON number as a float. A number of more than 15 digits becomes a JSON text, so that it arrives digit by digit.
-- Control characters cannot stand in sound JSON, so they mark what was matched.
CREATE OR REPLACE TEMP MACRO exact_numbers(text) AS
    CASE WHEN has_long_number(text)
    THEN replace(replace(regexp_replace(text, '("(?:[^"\\]|\\.)*")|(-?[0-9][0-9.eE+-]{15,})', '\1' || chr(1) || '\2' || chr(1), 'g'),
                         chr(1) || chr(1), ''), chr(1), '"')
    ELSE text END;

-- Sound JSON, or null.
CREATE OR REPLACE TEMP MACRO readable_json(text) AS
    CASE WHEN json_valid(text) THEN exact_numbers(text)
         WHEN json_valid(unprinted(text)) THEN exact_numbers(unprinted(text)) END;

-- A JSON object of keys and values; the first of equal keys counts.
CREATE OR REPLACE TEMP MACRO json_entries(entries) AS
    nullif('{' || array_to_string(list_transform(list_filter(entries, lambda entry, place:
        list_position(list_transform(entries, lambda other: other.k), entry.k) = place),
        lambda entry: to_json(entry.k) || ':' || entry.v), ',') || '}', '{}');

-- An array of objects with a key and a value each; anything else stays as it is.
CREATE OR REPLACE TEMP MACRO json_pairs(text, json, key_path, value_path, prefix) AS
    CASE WHEN json_type(json) = 'ARRAY' THEN
        list_transform([list_filter(list_transform(json_extract(json, '$[*]'), lambda object: {
            'k': prefix || json_extract_string(object, key_path),
            'v': coalesce(nullif(json_extract(object, value_path)::VARCHAR, 'null'), 'true')
        }), lambda entry: entry.k IS NOT NULL)], lambda entries: json_entries(entries))[1]
    ELSE text END;

-- Several objects as one; the first that has a key decides.
CREATE OR REPLACE TEMP MACRO json_merged(texts) AS
    list_transform([flatten(list_transform(
        list_filter(texts, lambda text: coalesce(json_type(TRY_CAST(text AS JSON)) = 'OBJECT', false)),
        lambda text: list_transform(json_keys(text), lambda name: {
            'k': name, 'v': json_extract(text, '/' || replace(replace(name, '~', '~0'), '/', '~1'))::VARCHAR
        })))], lambda entries: json_entries(entries))[1];

-- A time in UTC, null where the text is none. The engine's calendar knows every offset and zone and takes five times as long as its
-- plain cast, which leaves offsets out; so that one reads what ends in Z, in its seconds, or with the day.
CREATE OR REPLACE TEMP MACRO iso_time(text) AS coalesce(plain_time(text, 0::UTINYINT),
    CASE WHEN right(text, 1) = 'Z' OR length(text) = 19 AND text[17] = ':' OR length(text) = 10 AND text[8] = '-'
         THEN TRY_CAST(text AS TIMESTAMP)
         ELSE TRY_CAST(TRY_CAST(text AS TIMESTAMPTZ) AS TIMESTAMP) END);
