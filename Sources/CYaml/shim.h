#ifndef PORTPOOL_CYAML_H
#define PORTPOOL_CYAML_H

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>
#include <yaml.h>

/* What an event is, as Swift needs it: the union of yaml_event_t is read here. */
typedef enum {
  CYAML_OTHER,
  CYAML_SCALAR,
  CYAML_SEQUENCE_START,
  CYAML_SEQUENCE_END,
  CYAML_MAPPING_START,
  CYAML_MAPPING_END,
  CYAML_ALIAS,
  CYAML_DOCUMENT_START,
  CYAML_STREAM_END,
} cyaml_kind;

typedef struct {
  cyaml_kind kind;
  /* Of a scalar; valid until the next call. */
  const uint8_t *bytes;
  size_t length;
  /* A scalar without quotes: only such a one can be null or a truth value. */
  int is_plain;
  /* The node has an anchor (`&name`) or an explicit tag (`!!binary`). */
  int has_anchor;
  int has_tag;
  /* From 1. */
  size_t line;
  size_t column;
} cyaml_event;

typedef struct {
  yaml_parser_t parser;
  yaml_event_t event;
  int has_event;
} cyaml_reader;

/* A parser over bytes that must outlive it; NULL without memory. */
static inline cyaml_reader *cyaml_open(const uint8_t *bytes, size_t length) {
  cyaml_reader *reader = (cyaml_reader *)calloc(1, sizeof *reader);
  if (!reader) return NULL;
  if (!yaml_parser_initialize(&reader->parser)) {
    free(reader);
    return NULL;
  }
  yaml_parser_set_input_string(&reader->parser, bytes, length);
  return reader;
}

static inline void cyaml_close(cyaml_reader *reader) {
  if (reader->has_event) yaml_event_delete(&reader->event);
  yaml_parser_delete(&reader->parser);
  free(reader);
}

/* The next event; 0 when the text is no YAML: cyaml_problem says why. */
static inline int cyaml_next(cyaml_reader *reader, cyaml_event *out) {
  if (reader->has_event) yaml_event_delete(&reader->event);
  reader->has_event = 0;
  if (!yaml_parser_parse(&reader->parser, &reader->event)) return 0;
  reader->has_event = 1;
  const yaml_event_t *event = &reader->event;
  cyaml_event result = {CYAML_OTHER, NULL, 0, 0, 0, 0, event->start_mark.line + 1, event->start_mark.column + 1};
  switch (event->type) {
    case YAML_SCALAR_EVENT:
      result.kind = CYAML_SCALAR;
      result.bytes = event->data.scalar.value;
      result.length = event->data.scalar.length;
      result.is_plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
      result.has_anchor = event->data.scalar.anchor != NULL;
      result.has_tag = event->data.scalar.tag != NULL;
      break;
    case YAML_SEQUENCE_START_EVENT:
      result.kind = CYAML_SEQUENCE_START;
      result.has_anchor = event->data.sequence_start.anchor != NULL;
      result.has_tag = event->data.sequence_start.tag != NULL;
      break;
    case YAML_MAPPING_START_EVENT:
      result.kind = CYAML_MAPPING_START;
      result.has_anchor = event->data.mapping_start.anchor != NULL;
      result.has_tag = event->data.mapping_start.tag != NULL;
      break;
    case YAML_SEQUENCE_END_EVENT: result.kind = CYAML_SEQUENCE_END; break;
    case YAML_MAPPING_END_EVENT: result.kind = CYAML_MAPPING_END; break;
    case YAML_ALIAS_EVENT: result.kind = CYAML_ALIAS; break;
    case YAML_DOCUMENT_START_EVENT: result.kind = CYAML_DOCUMENT_START; break;
    case YAML_STREAM_END_EVENT: result.kind = CYAML_STREAM_END; break;
    default: break;
  }
  *out = result;
  return 1;
}

/* Why the text is no YAML, and where (from 1). */
static inline const char *cyaml_problem(const cyaml_reader *reader, size_t *line, size_t *column) {
  *line = reader->parser.problem_mark.line + 1;
  *column = reader->parser.problem_mark.column + 1;
  return reader->parser.problem ? reader->parser.problem : "not YAML";
}

/* Reads at most `capacity` bytes of a file; -1 with `*error` set to errno. A FIFO or terminal is not waited for. */
static inline ptrdiff_t cyaml_read_file(const char *path, uint8_t *buffer, size_t capacity, int *error) {
  int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (descriptor < 0) {
    *error = errno;
    return -1;
  }
  size_t count = 0;
  while (count < capacity) {
    ptrdiff_t some = read(descriptor, buffer + count, capacity - count);
    if (some < 0 && errno == EINTR) continue;
    if (some < 0) {
      *error = errno;
      close(descriptor);
      return -1;
    }
    if (some == 0) break;
    count += (size_t)some;
  }
  close(descriptor);
  return (ptrdiff_t)count;
}

#endif
