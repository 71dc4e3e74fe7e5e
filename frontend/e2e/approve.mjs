// A person who approves a sign-in on the simulated Amazon's page: approve.mjs ADDRESS PICTURE
import { launch } from './browser.mjs';

const [address, picture] = process.argv.slice(2);
const browser = await launch();
const page = await browser.newPage();
await page.goto(address);
await page.screenshot({ path: picture });
await page.getByRole('button', { name: 'Approve' }).click();
await page.getByRole('status').waitFor();
await browser.close();
