// Pages in a real browser: those of strangers, of a name that was made ours,
// and of files are refused; those of this machine are served.
//
// node origins.js ENDPOINT
//
// Each page asks the endpoint for its tables, in three ways, and writes what it
// learnt into its title, which --dump-dom prints.
'use strict';

const { execFile } = require('child_process');
const fs = require('fs');
const http = require('http');
const os = require('os');
const path = require('path');

const endpoint = new URL(process.argv[2] || 'http://127.0.0.1:8000');
const chromium = process.env.CHROMIUM || 'chromium';
let passed = 0;
let failed = 0;

const script = (target) => `<!doctype html><title>waiting</title><script>
const headers = {'Content-Type': 'application/x-amz-json-1.0', 'X-Amz-Target': 'DynamoDB_20120810.ListTables',
	'X-Amz-Date': '20240101T000000Z', 'Authorization': 'AWS4-HMAC-SHA256 Credential=any/20240101/us-east-1/dynamodb/aws4_request, SignedHeaders=host;x-amz-date, Signature=' + '0'.repeat(64)};
const ask = (options) => fetch('${target}/', {method: 'POST', body: '{}', ...options})
	.then((r) => r.text().then((t) => r.status + (t.includes('TableNames') ? ' tables' : '')), () => 'refused');
Promise.all([ask({headers}), ask({headers: {'Content-Type': 'text/plain'}}),
	ask({mode: 'no-cors'}).then((r) => r.replace('0', 'opaque'))])
	.then((all) => { document.title = 'learnt: ' + all.join(', '); });
</script>`;

const serve = () => new Promise((resolve) => {
	const server = http.createServer((request, response) => {
		response.setHeader('Content-Type', 'text/html');
		response.end(script(decodeURIComponent(request.url.slice(1))));
	});
	server.listen(0, '127.0.0.1', () => resolve(server));
});

const visit = (url) => new Promise((resolve) => {
	const profile = fs.mkdtempSync(path.join(os.tmpdir(), 'dynamo-chromium-'));
	const flags = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
		'--disable-background-networking', '--disable-component-update', '--disable-sync', '--disable-dev-shm-usage',
		`--user-data-dir=${profile}`, '--host-resolver-rules=MAP *.example 127.0.0.1',
		'--virtual-time-budget=20000', '--timeout=30000', '--dump-dom', url];
	execFile(chromium, flags, { timeout: 60000 }, (error, stdout) => {
		fs.rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
		const title = /<title>(.*?)<\/title>/.exec(stdout || '');
		resolve(title ? title[1] : `no page: ${error}`);
	});
});

const check = (name, actual, good) => {
	const ok = good(actual);
	if (ok)
		passed++;
	else
		failed++;
	console.log(`${ok ? 'ok' : 'not ok'} - ${name}: ${actual}`);
};

(async () => {
	const server = await serve();
	const page = (host, target) => `http://${host}:${server.address().port}/${encodeURIComponent(target)}`;
	const own = `http://127.0.0.1:${endpoint.port}`;
	const file = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'dynamo-page-')), 'page.html');
	const nothing = (title) => title.startsWith('learnt: ') && !title.includes('tables');

	fs.writeFileSync(file, script(own));
	check('a page of this machine is served', await visit(page('localhost', own)),
		(title) => title.startsWith('learnt: 200 tables'));
	check('a page of a stranger learns nothing', await visit(page('evil.example', own)), nothing);
	check('nor does one whose name was made ours',
		await visit(page('rebound.example', `http://rebound.example:${endpoint.port}`)), nothing);
	check('nor does a file', await visit(`file://${file}`), nothing);
	fs.rmSync(path.dirname(file), { recursive: true });
	server.close();
	console.log(`console: ${passed} passed, ${failed} failed`);
	process.exitCode = failed > 0 ? 1 : 0;
})();
