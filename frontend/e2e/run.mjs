// The page in a real browser. Against a real AMQ2API: AMQ2API_URL and AMQ2API_ADMIN_TOKEN; without them against the fake alone. SHOTS is
// a folder for pictures, CHROMIUM the browser.
import { attacks } from './attacks.mjs';
import { finish, launch } from './browser.mjs';
import { listen } from './fake-admin.mjs';
import { flows } from './flows.mjs';
import { signIn } from './signin.mjs';
import { states } from './states.mjs';

const browser = await launch();
const { AMQ2API_URL: url, AMQ2API_ADMIN_TOKEN: token } = process.env;
if (url) {
  const real = { url: url.replace(/\/$/, ''), token };
  await flows(browser, real);
  await signIn(browser, real);
  await attacks(browser, real);
} else {
  const fake = await listen();
  await flows(browser, fake);
  fake.close();
}
await states(browser);
await browser.close();
process.exit(finish());
