// The app under test: people sign up by phone number and prove it by a code in an SMS.
// usage: node app.js twilio|sns|vonage|webhook     prints its URL
import { randomInt } from "node:crypto";
import { createServer } from "node:http";

const { send } = await import(`./send/${process.argv[2]}.js`);
const codes = new Map(); // by phone number

const page = `<!doctype html><title>Examplia</title>
<form id="signup"><label>Phone <input name="phone" autocomplete="tel"></label><button>Send code</button></form>
<form id="verify" hidden><label>Code <input name="code" autocomplete="one-time-code"></label><button>Verify</button></form>
<p id="result" role="status"></p>
<script>
const post = async (path, form) => {
  const answer = await fetch(path, { method: "POST", body: JSON.stringify(form) });
  result.textContent = answer.ok ? "" : await answer.text();
  return answer.ok;
};
signup.onsubmit = async (event) => {
  event.preventDefault();
  if (await post("/signup", { phone: signup.phone.value })) verify.hidden = false;
};
verify.onsubmit = async (event) => {
  event.preventDefault();
  if (await post("/verify", { phone: signup.phone.value, code: verify.code.value })) result.textContent = "Welcome!";
};
</script>`;

const actions = {
  async "POST /signup"({ phone }) {
    const code = String(randomInt(1e6)).padStart(6, "0");
    codes.set(phone, code);
    await send(phone, `Your Examplia code is ${code}. Do not share it.`);
    return [202, ""];
  },
  async "POST /verify"({ phone, code }) {
    if (!code || codes.get(phone) !== code) return [403, "that is not the code"];
    codes.delete(phone);
    return [200, ""];
  },
  async "GET /"() {
    return [200, page];
  },
};

const server = createServer(async (request, response) => {
  let answer = [404, "not found"];
  try {
    let body = "";
    for await (const chunk of request) body += chunk;
    const action = actions[`${request.method} ${request.url}`];
    if (action) answer = await action(body ? JSON.parse(body) : {});
  } catch (error) {
    answer = [502, `the SMS could not be sent: ${error.message}`];
  }
  response.writeHead(answer[0], { "content-type": "text/html; charset=utf-8" }).end(answer[1]);
});
server.listen(0, "127.0.0.1", () => console.log(`http://127.0.0.1:${server.address().port}`));
