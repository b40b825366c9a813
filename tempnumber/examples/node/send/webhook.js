// The app's own way to send: it posts JSON of its own form to SMS_WEBHOOK. In tests that is
// http://…/intake/http?to=/recipient/phone&text=/message
const { SMS_WEBHOOK } = process.env;

export async function send(phone, message) {
  const headers = { "content-type": "application/json" };
  const body = JSON.stringify({ recipient: { phone }, message });
  const answer = await fetch(SMS_WEBHOOK, { method: "POST", headers, body });
  if (!answer.ok) throw new Error(`the webhook answered ${answer.status}`);
}
