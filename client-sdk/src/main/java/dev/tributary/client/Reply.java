package dev.tributary.client;

import java.net.URI;
import java.net.http.HttpHeaders;

/** A whole HTTP reply; the body is no longer than the request allowed. */
@SuppressWarnings("ArrayRecordComponent") // read once, compared never
record Reply(String method, URI uri, int status, HttpHeaders headers, byte[] body) {}
