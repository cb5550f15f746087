/** A request with the id by which the engine knows it again. */
export function withId(request: object, requestId: string | undefined): object {
  return requestId === undefined ? request : { ...request, request_id: requestId };
}

/** An id that the engine recognises when a page reload sends the same request twice. */
export function requestId(): string {
  return crypto.randomUUID();
}
