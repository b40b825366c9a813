import twilio from "twilio";

const { TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN, TWILIO_FROM, TWILIO_URL } = process.env;
const client = twilio(TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN);
if (TWILIO_URL) client.api.baseUrl = TWILIO_URL; // the one line that tests need

export const send = (to, text) => client.messages.create({ to, from: TWILIO_FROM, body: text });
