// A client in TypeScript, made from api/openapi.corrected.yaml alone: it compiles when the document is one that
// openapi-typescript understands, and it passes when the service in a box answers as the types say.
// usage: node operations.mjs BASE_URL
import assert from "node:assert/strict";
import test from "node:test";
import createClient from "openapi-fetch";
import type { components, paths } from "./api.mjs";

type Activation = components["schemas"]["ActivationData"];
type Status = NonNullable<Activation["status"]>;

const base = process.argv[2] ?? "";
const api = createClient<paths>({ baseUrl: base, headers: { "x-api-key": "offline-key" } });
const stranger = createClient<paths>({ baseUrl: base, headers: { "x-api-key": "another-key" } });
const pair = { serviceId: "facebook", countryId: "us" };

// control changes the box.
async function control(method: string, path: string, body?: unknown): Promise<void> {
  const answer = await fetch(`${base}/control${path}`, { method, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
  assert.ok(answer.ok, `${method} /control${path}: ${answer.status} ${await answer.text()}`);
}

// order rents a number and returns its id.
async function order(): Promise<number> {
  const { data, error } = await api.POST("/activations", { body: pair });
  assert.equal(error, undefined);
  assert.equal(typeof data?.id, "number");
  assert.match(String(data?.number), /^1[0-9]{10}$/);
  return data?.id as number;
}

const path = (activation_id: number) => ({ params: { path: { activation_id } } });

test("an SMS is received, and another one", async () => {
  const id = await order();
  await control("POST", "/sms", { id, text: "Your code is 05678" });
  const first = await api.GET("/activations/{activation_id}", path(id));
  const received: Status = "smsReceived";
  assert.equal(first.data?.status, received);
  assert.equal(first.data?.message, "Your code is 05678");
  const code: string | number | undefined = first.data?.code;
  assert.equal(String(code).padStart(5, "0"), "05678");
  assert.ok((first.data?.numberExpireAt ?? 0) > (first.data?.utc ?? 0));

  const retry = await api.PUT("/activations/{activation_id}", { ...path(id), body: { status: "retry" } });
  assert.equal(retry.data?.result, "success");
  await control("POST", "/sms", { id, text: "Your code is 1234" });
  const second = await api.GET("/activations/{activation_id}", path(id));
  assert.equal(second.data?.status, "retryReceived" satisfies Status);
});

test("the history has pages", async () => {
  const id = await order();
  const { data } = await api.GET("/activations", { params: { query: { page: 1, limit: 5 } } });
  assert.equal(data?.page, 1);
  assert.ok(data?.activations?.some((a) => a.id === id));
});

test("both price lists and the offer name the same price", async () => {
  const byCountry = await api.GET("/services/pricelistByCountry");
  const byService = await api.GET("/services/pricelistByService");
  const there = byCountry.data?.find((c) => c.c === "us")?.services?.find((s) => s.s === "facebook")?.p;
  const here = byService.data?.find((s) => s.s === "facebook")?.countries?.find((c) => c.c === "us")?.p;
  const offer = await api.GET("/services/{service_id}/countries/{country_id}", {
    params: { path: { service_id: "facebook", country_id: "us" }, header: { "prx-lang": "de" } },
  });
  assert.equal(typeof there, "number");
  assert.equal(here, there);
  assert.equal(offer.data?.services?.[0]?.price, there);
  assert.equal(offer.data?.services?.[0]?.hasNumbers, true);
});

test("the balance pays for an order", async () => {
  const before = await api.GET("/user/balance");
  await order();
  const after = await api.GET("/user/balance");
  assert.ok((after.data?.balance ?? NaN) < (before.data?.balance ?? NaN));
});

// calls are all operations.
const calls = (client: typeof api, id: number) => ({
  "GET /activations": () => client.GET("/activations", {}),
  "POST /activations": () => client.POST("/activations", { body: pair }),
  "GET /activations/{activation_id}": () => client.GET("/activations/{activation_id}", path(id)),
  "PUT /activations/{activation_id}": () => client.PUT("/activations/{activation_id}", { ...path(id), body: { status: "retry" } }),
  "GET /services/pricelistByCountry": () => client.GET("/services/pricelistByCountry"),
  "GET /services/pricelistByService": () => client.GET("/services/pricelistByService"),
  "GET /services/{service_id}/countries/{country_id}": () =>
    client.GET("/services/{service_id}/countries/{country_id}", { params: { path: { service_id: "facebook", country_id: "us" } } }),
  "GET /user/balance": () => client.GET("/user/balance"),
});

// refused checks that a call is refused, and with which error.
async function refused(status: number, name: string, call: () => Promise<{ error?: components["schemas"]["Error"]; response: Response }>) {
  const { error, response } = await call();
  assert.equal(response.status, status);
  assert.equal(error?.errorName, name);
  assert.notEqual(error?.errorMessage, "");
  return error;
}

test("every operation is refused without the right key", async () => {
  const id = await order();
  for (const call of Object.values(calls(stranger, id))) await refused(401, "UnauthorizedException", call);
});

test("every operation is refused over its rate limit", async () => {
  const id = await order();
  for (const [endpoint, call] of Object.entries(calls(api, id))) {
    await control("POST", "/faults", { endpoint, status: 429, name: "TooManyRequestsException", times: 1 });
    await refused(429, "TooManyRequestsException", call);
  }
});

test("an order is refused for its price and for want of money", async () => {
  const error = await refused(409, "expectedPriceErrorException", () => api.POST("/activations", { body: { ...pair, expectedPrice: 0.01 } }));
  assert.ok((error?.newPrice ?? 0) > 0.01);
  await control("PUT", "/balance", { balance: "0" });
  await refused(402, "paymentRequired", () => api.POST("/activations", { body: pair }));
  await control("PUT", "/balance", { balance: "100" });
});

test("an activation is refused that is not there, gone, or not ready", async () => {
  const id = await order();
  const put = () => api.PUT("/activations/{activation_id}", { ...path(id), body: { status: "retry" } });
  await refused(404, "ResourceNotFoundException", () => api.GET("/activations/{activation_id}", path(1)));
  await refused(409, "ResourceBadStateException", put);
  await control("POST", `/activations/${id}/forget`);
  await refused(410, "GoneException", () => api.GET("/activations/{activation_id}", path(id)));
  await refused(410, "GoneException", put);
});

test("an offer is refused that there is not", async () => {
  await refused(400, "InvalidRequestParamsException", () =>
    api.GET("/services/{service_id}/countries/{country_id}", { params: { path: { service_id: "facebook", country_id: "atlantis" } } }));
});

// What the document does not allow does not compile.
export function refusedByTheCompiler(): unknown[] {
  return [
    // @ts-expect-error an order needs a country
    () => api.POST("/activations", { body: { serviceId: "facebook" } }),
    // @ts-expect-error an id is a number
    () => api.GET("/activations/{activation_id}", { params: { path: { activation_id: "newest" } } }),
    // @ts-expect-error there is no way to cancel
    () => api.PUT("/activations/{activation_id}", { ...path(1), body: { status: "cancel" } }),
    // @ts-expect-error a code may be a number
    (a: Activation): string | undefined => a.code,
    // @ts-expect-error there is no such operation
    () => api.DELETE("/activations/{activation_id}", path(1)),
  ];
}
