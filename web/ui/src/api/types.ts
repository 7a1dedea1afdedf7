// The names of what the API answers, from its OpenAPI document.
import type { components, paths } from "./schema";

export type { paths };
export type Schemas = components["schemas"];
export type Run = Schemas["Run"];
export type Job = Schemas["Job"];
export type Node = Schemas["Node"];
export type Attempt = Schemas["Attempt"];
export type Problem = Schemas["Problem"];
export type Role = "nobody" | "viewer" | "operator" | "admin";
