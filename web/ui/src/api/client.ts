// A typed client of the API: paths, parameters and answers are those of its document.
import type { paths, Problem } from "./types";

type Ok<O> = O extends { responses: infer R }
  ? { [S in keyof R]: S extends 200 | 201 | 202 ? (R[S] extends { content: { "application/json": infer B } } ? B : never) : never }[keyof R]
  : never;
type Params<O> = O extends { parameters: { query?: infer Q; path?: infer P } }
  ? { query?: Q extends undefined ? never : Q } & (P extends undefined ? unknown : { path: P })
  : unknown;
type Body<O> = O extends { requestBody?: { content: { "application/json": infer B } } } ? B : never;
type With<M extends string> = { [P in keyof paths]: paths[P] extends { [K in M]: infer O } ? (O extends undefined ? never : P) : never }[keyof paths];
type Op<P extends keyof paths, M extends string> = paths[P] extends { [K in M]: infer O } ? O : never;

export type Answer<P extends With<"get">> = Ok<Op<P, "get">>;
export type Ask<P extends With<"get">> = Params<Op<P, "get">>;
export type GetPath = With<"get">;

/** Failure is an answer that is none: what the service says, or that it cannot be reached. */
export class Failure extends Error {
  constructor(readonly status: number, readonly code: string, detail: string, readonly hint = "", readonly request = "") {
    super(detail);
  }
}

type Loose = { path?: Record<string, unknown>; query?: Record<string, unknown> };

/** urlOf fills in an operation's path and query. */
export function urlOf(path: string, ask: Loose = {}): string {
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(ask.path?.[name] ?? "")));
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries(ask.query ?? {})) {
    if (value !== undefined && value !== null && value !== "") query.set(key, String(value)); // a list has commas
  }
  const text = query.toString();
  return text ? `${filled}?${text}` : filled;
}

let refused = (): void => undefined;

/** whenRefused has a function called whenever the service says that one may not. */
export function whenRefused(f: () => void): void {
  refused = f;
}

/** send makes a request. Changes bear the header that no other page can send. */
export async function send(url: string, init: RequestInit = {}): Promise<Response> {
  let answer: Response;
  try {
    answer = await fetch(url, { ...init, credentials: "same-origin" });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new Failure(0, "unreachable", "the service cannot be reached", "it may be starting anew; this page tries again");
  }
  if (answer.ok) return answer;
  if ((answer.status === 401 || answer.status === 403) && url !== "/api/v1/session") refused();
  const problem = (await answer.json().catch(() => ({}))) as Partial<Problem>;
  throw new Failure(answer.status, problem.code ?? "", problem.detail ?? `the service answers ${answer.status}`, problem.hint, problem.request);
}

/** get reads. */
export async function get<P extends With<"get">>(path: P, ask?: Ask<P>, signal?: AbortSignal): Promise<Answer<P>> {
  const answer = await send(urlOf(path, ask as Loose), signal ? { signal } : {});
  return (await answer.json()) as Answer<P>;
}

/** post changes. */
export async function post<P extends With<"post">>(path: P, ask: Params<Op<P, "post">>, body?: Body<Op<P, "post">>): Promise<Ok<Op<P, "post">>> {
  const answer = await change("POST", urlOf(path, ask as Loose), body);
  return (await answer.json()) as Ok<Op<P, "post">>;
}

/** change sends a change that no type is needed of. */
export function change(method: string, url: string, body?: unknown): Promise<Response> {
  const headers: Record<string, string> = { "X-Fleetscore-Csrf": "1" };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  return send(url, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
}
