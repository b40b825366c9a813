// Holds the intake against the providers' own SDKs for Node. SMS_URL names it.
import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { createServer } from "node:http";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";

import { CheckIfPhoneNumberIsOptedOutCommand, PublishCommand, SNSClient } from "@aws-sdk/client-sns";
import { Auth } from "@vonage/auth";
import { SMS } from "@vonage/messages";
import { Vonage } from "@vonage/server-sdk";
import twilio from "twilio";

const url = process.env.SMS_URL;
const to = process.env.SMS_TO ?? "+18454123223";
const sender = "+15005550006";
const token = "a-token";
const account = "AC" + "0".repeat(31) + "1";

const client = twilio(account, token);
client.api.baseUrl = url;
client.verify.baseUrl = url;

const fails = (code) => (error) => {
  assert.ok(error instanceof twilio.RestException, error);
  assert.equal(error.code, code);
  assert.match(error.moreInfo, new RegExp(`/${code}$`));
  return true;
};

test("twilio: send, read the status until it is delivered", async () => {
  let m = await client.messages.create({ to, from: sender, body: "Your twilio-node code is 05678" });
  assert.equal(m.status, "queued");
  assert.equal(m.numSegments, "1");
  assert.ok(m.dateCreated instanceof Date && !isNaN(m.dateCreated));
  for (let i = 0; m.status !== "delivered" && i < 100; i++) {
    await sleep(20);
    m = await client.messages(m.sid).fetch();
  }
  assert.equal(m.status, "delivered");
  assert.equal(m.errorCode, null);
});

test("twilio: send by a messaging service", async () => {
  const m = await client.messages.create({ to, messagingServiceSid: "MG" + "0".repeat(32), body: "by a service" });
  assert.equal(m.status, "accepted");
});

test("twilio: list over pages", async () => {
  for (let i = 0; i < 5; i++) await client.messages.create({ to, from: "Lister", body: `number ${i}` });
  const all = await client.messages.list({ from: "Lister", pageSize: 2 });
  assert.deepEqual(all.map((m) => m.body), ["number 4", "number 3", "number 2", "number 1", "number 0"]);
});

test("twilio: status callbacks with a valid signature", async () => {
  const seen = [];
  let base;
  const app = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    const form = Object.fromEntries(new URLSearchParams(body));
    assert.ok(twilio.validateRequest(token, request.headers["x-twilio-signature"], base + request.url, form));
    seen.push(form.MessageStatus);
    response.end();
  });
  await new Promise((ready) => app.listen(0, "127.0.0.1", ready));
  base = `http://127.0.0.1:${app.address().port}`;
  await client.messages.create({ to, from: sender, body: "called back", statusCallback: `${base}/status?app=1` });
  for (let i = 0; seen.length < 2 && i < 100; i++) await sleep(20);
  app.close();
  assert.deepEqual(seen, ["sent", "delivered"]);
});

for (const [number, code] of [["+15005550001", 21211], ["+15005550002", 21612], ["+15005550003", 21408], ["+15005550004", 21610], ["+15005550009", 21614]]) {
  test(`twilio: to ${number} is ${code}`, () => assert.rejects(client.messages.create({ to: number, from: sender, body: "x" }), fails(code)));
}
for (const [number, code] of [["+15005550001", 21212], ["+15005550007", 21606], ["+15005550008", 21611]]) {
  test(`twilio: from ${number} is ${code}`, () => assert.rejects(client.messages.create({ to, from: number, body: "x" }), fails(code)));
}

test("twilio: other refusals", async () => {
  await assert.rejects(client.messages.create({ to: "12", from: sender, body: "x" }), fails(21211));
  await assert.rejects(client.messages.create({ to, body: "x" }), fails(21603));
  await assert.rejects(client.messages.create({ to, from: sender }), fails(21602));
  await assert.rejects(client.messages.create({ to, from: sender, body: "x".repeat(1601) }), fails(21617));
  await assert.rejects(client.messages("SM" + "0".repeat(32)).fetch(), fails(20404));
});

test("twilio verify: start, wrong code, right code, used code", async () => {
  const service = client.verify.v2.services("VA" + "0".repeat(32));
  const customCode = "445566";
  const v = await service.verifications.create({ to, channel: "sms", customCode });
  assert.equal(v.status, "pending");
  assert.equal((await service.verifications(v.sid).fetch()).status, "pending");
  const wrong = await service.verificationChecks.create({ to, code: "000000" });
  assert.equal(wrong.status, "pending");
  assert.equal(wrong.valid, false);
  assert.equal((await service.verificationChecks.create({ verificationSid: v.sid, code: customCode })).status, "approved");
  await assert.rejects(service.verificationChecks.create({ to, code: customCode }), fails(20404));
  await assert.rejects(service.verifications.create({ to: "12", channel: "sms" }), fails(60200));
});

const sns = new SNSClient({ region: "us-east-1", endpoint: url, credentials: { accessKeyId: "k", secretAccessKey: "s" }, maxAttempts: 1 });

test("sns: publish", async () => {
  const sent = await sns.send(new PublishCommand({
    PhoneNumber: to, Message: "Your sns-js code is 05678",
    MessageAttributes: { "AWS.SNS.SMS.SenderID": { DataType: "String", StringValue: "Acme" } },
  }));
  assert.match(sent.MessageId, /^[0-9a-f-]{36}$/);
  assert.match(sent.$metadata.requestId, /^[0-9a-f-]{36}$/);
});

test("sns: refusals have the SDK's own error", async () => {
  for (const input of [{ PhoneNumber: "12", Message: "x" }, { PhoneNumber: to, Message: " " }, { TopicArn: "arn:aws:sns:us-east-1:1:t", Message: "x" }]) {
    await assert.rejects(sns.send(new PublishCommand(input)), { name: "InvalidParameterException", $fault: "client" });
  }
  await assert.rejects(sns.send(new CheckIfPhoneNumberIsOptedOutCommand({ phoneNumber: to })), { name: "InvalidAction" });
});

const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048, privateKeyEncoding: { type: "pkcs8", format: "pem" }, publicKeyEncoding: { type: "spki", format: "pem" } });
const hosts = { restHost: url, apiHost: url };
const vonage = new Vonage(new Auth({ apiKey: "k", apiSecret: "s", applicationId: "00000000-0000-4000-8000-000000000000", privateKey }), hosts);

test("vonage sms: send", async () => {
  const sent = await vonage.sms.send({ to: to.slice(1), from: "Acme", text: "Your vonage-sms code is 05678" });
  assert.equal(sent.messageCount, "1");
  assert.equal(sent.messages[0].status, "0");
  assert.ok(sent.messages[0].messageId);
});

test("vonage sms: refusals have the SDK's own error", async () => {
  await assert.rejects(vonage.sms.send({ to: "12", from: "Acme", text: "x" }), (error) => {
    assert.match(error.message, /SMS messages failed to send/);
    return error.response.messages[0].status === "3";
  });
});

test("vonage messages: send", async () => {
  const sent = await vonage.messages.send(new SMS({ to: to.slice(1), from: "Acme", text: "Your vonage-messages code is 05678" }));
  assert.match(sent.messageUUID, /^[0-9a-f-]{36}$/);
});

test("vonage messages: refusals have the SDK's own error", async () => {
  await assert.rejects(vonage.messages.send(new SMS({ to: "12", from: "Acme", text: "x" })), (error) => error.response?.status === 422);
});
