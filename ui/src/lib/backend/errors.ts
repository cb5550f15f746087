/** An error as the engine states it: what happened, where, and what to do. */
export class ApiError extends Error {
  override readonly name = "ApiError";

  constructor(
    readonly code: string,
    message: string,
    readonly hint: string | null = null,
    readonly details: unknown = null,
  ) {
    super(message);
  }

  /** Whatever a transport threw, as an `ApiError`. */
  static from(thrown: unknown): ApiError {
    if (thrown instanceof ApiError) return thrown;
    if (typeof thrown === "object" && thrown !== null && "message" in thrown) {
      const { code, message, hint, details } = thrown as Record<string, unknown>;
      return new ApiError(
        typeof code === "string" ? code : "internal",
        String(message),
        typeof hint === "string" ? hint : null,
        details ?? null,
      );
    }
    return new ApiError("internal", String(thrown));
  }

  get cancelled(): boolean {
    return this.code === "cancelled";
  }
}
