import { Vonage } from "@vonage/server-sdk";

const { VONAGE_API_KEY, VONAGE_API_SECRET, VONAGE_FROM, VONAGE_URL } = process.env;
const hosts = VONAGE_URL ? { restHost: VONAGE_URL, apiHost: VONAGE_URL } : {}; // the one line that tests need
const vonage = new Vonage({ apiKey: VONAGE_API_KEY, apiSecret: VONAGE_API_SECRET }, hosts);

export const send = (to, text) => vonage.sms.send({ to, from: VONAGE_FROM, text });
