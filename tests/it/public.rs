//! What stands between Salesforce and a server that the internet does not reach, as `deploy/` has it: nginx with TLS,
//! and a reverse tunnel of OpenSSH to the machine of that nginx. All of it is real, on ports of this machine.

use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value as Json;

use crate::salesforce::demo_setup;
use crate::support::databases::Kind;
use crate::support::demo::{self, DemoDatabases};
use crate::support::encrypted::Certificates;
use crate::support::server::TestServer;
use crate::support::{environment, project, read_text};

/// How long a program may take to listen.
const START: Duration = Duration::from_secs(20);

/// Where the programs are.
fn programs() -> Option<(PathBuf, PathBuf)> {
    let place = |name| environment(name).map(PathBuf::from);
    let found = place("PENSTOCK_TEST_NGINX").zip(place("PENSTOCK_TEST_SSHD"));
    if found.is_none() {
        let demanded = environment("PENSTOCK_TEST_REQUIRE_DATABASES").is_some();
        assert!(!demanded, "PENSTOCK_TEST_NGINX and PENSTOCK_TEST_SSHD are not set, but demanded");
        eprintln!("skipped: PENSTOCK_TEST_NGINX and PENSTOCK_TEST_SSHD are not set");
    }
    found
}

/// A program that ends with the test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // nginx ends its workers when it is asked to.
        let _ = Command::new("kill").arg(self.0.id().to_string()).status();
        let end = Instant::now() + Duration::from_secs(5);
        while matches!(self.0.try_wait(), Ok(None)) && Instant::now() < end {
            std::thread::sleep(Duration::from_millis(10));
        }
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn start(command: &mut Command) -> Running {
    let command = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    Running(command.spawn().unwrap_or_else(|error| panic!("{command:?}: {error}")))
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

fn await_port(port: u16, what: &dyn Fn() -> String) {
    let end = Instant::now() + START;
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        assert!(Instant::now() < end, "nothing listens: {}", what());
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn run(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).stdin(Stdio::null()).output().unwrap();
    assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// nginx with the example's server, changed where the example says what is one's own.
struct Nginx {
    port: u16,
    folder: tempfile::TempDir,
    _process: Running,
}

impl Nginx {
    fn start(program: &Path, certificates: &Certificates, behind: u16, clients: bool) -> Nginx {
        let (folder, port) = (tempfile::tempdir().unwrap(), free_port());
        let mut site = read_text(&project("deploy/nginx.example.conf"));
        let mut change = |from: &str, to: String| {
            assert!(site.contains(from), "the example has no {from}");
            site = site.replace(from, &to);
        };
        let certificate = |name: &str| certificates.path(name).display().to_string();
        change("listen 443 ssl;", format!("listen 127.0.0.1:{port} ssl;"));
        change("server_name erp.example.com;", "server_name localhost;".to_owned());
        change("/etc/ssl/erp.example.com.pem", certificate("server.pem"));
        change("/etc/ssl/private/erp.example.com.key", certificate("server.key"));
        change("http://127.0.0.1:8080", format!("http://127.0.0.1:{behind}"));
        if clients {
            change("# ssl_client_certificate", "ssl_client_certificate".to_owned());
            change("# ssl_verify_client", "ssl_verify_client".to_owned());
            change("/etc/ssl/salesforce-client-ca.pem", certificate("ca.pem"));
        }
        let place = folder.path().display().to_string();
        let user = if run("id", &["-u"]) == "0" { "user root;\n" } else { "" };
        let folders = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
        let folders: Vec<_> = folders.iter().map(|name| format!("{name}_temp_path {place}/{name};")).collect();
        let folders = folders.join("\n");
        let main = format!(
            "{user}daemon off;\npid {place}/pid;\nerror_log {place}/error.log;\nevents {{}}\nhttp {{\naccess_log off;\n\
             {folders}\n{site}\n}}\n"
        );
        std::fs::write(folder.path().join("nginx.conf"), main).unwrap();
        let config = folder.path().join("nginx.conf");
        let mut command = Command::new(program);
        let process = start(
            command.arg("-p").arg(folder.path()).arg("-e").arg(folder.path().join("start.log")).arg("-c").arg(config),
        );
        let nginx = Nginx { port, folder, _process: process };
        await_port(port, &|| nginx.log());
        nginx
    }

    fn log(&self) -> String {
        let read = |name: &str| std::fs::read_to_string(self.folder.path().join(name)).unwrap_or_default();
        read("start.log") + &read("error.log")
    }
}

/// sshd for one key, with the line that the guide has for it.
struct Gateway {
    port: u16,
    folder: tempfile::TempDir,
    _process: Running,
}

impl Gateway {
    /// `listens` is the port that the tunnel may open there.
    fn start(program: &Path, listens: u16) -> Gateway {
        let (folder, port) = (tempfile::tempdir().unwrap(), free_port());
        let place = |name: &str| folder.path().join(name).display().to_string();
        for key in ["host", "tunnel"] {
            run("ssh-keygen", &["-q", "-t", "ed25519", "-N", "", "-C", "penstock", "-f", &place(key)]);
        }
        let key = |name: &str| read_text(&folder.path().join(format!("{name}.pub")));
        let guide = read_text(&project("deploy/salesforce/README.md"));
        let line = guide.lines().map(str::trim).find(|line| line.starts_with("restrict,")).unwrap();
        let options = line.split(" ssh-").next().unwrap().replace("127.0.0.1:8080", &format!("127.0.0.1:{listens}"));
        std::fs::write(folder.path().join("authorized"), format!("{options} {}", key("tunnel"))).unwrap();
        std::fs::write(folder.path().join("known"), format!("[127.0.0.1]:{port} {}", key("host"))).unwrap();
        let config = format!(
            "ListenAddress 127.0.0.1:{port}\nHostKey {}\nAuthorizedKeysFile {}\nPidFile none\nStrictModes no\nUsePAM no\n\
             PasswordAuthentication no\nPermitRootLogin prohibit-password\n",
            place("host"),
            place("authorized"),
        );
        std::fs::write(folder.path().join("config"), config).unwrap();
        if run("id", &["-u"]) == "0" {
            // Where the package's own service would have made it.
            std::fs::create_dir_all("/run/sshd").unwrap();
        }
        let mut command = Command::new(program);
        let process = start(command.args(["-D", "-f", &place("config"), "-E", &place("log")]));
        let log = place("log");
        await_port(port, &|| std::fs::read_to_string(&log).unwrap_or_default());
        Gateway { port, folder, _process: process }
    }

    /// The command of the example's service, for this gateway.
    fn tunnel(&self, listens: u16, server: u16) -> Command {
        let unit = read_text(&project("deploy/salesforce/penstock-tunnel.example.service"));
        let line = unit.lines().find_map(|line| line.strip_prefix("ExecStart=/usr/bin/")).unwrap();
        let place = |name: &str| self.folder.path().join(name).display().to_string();
        let line = line
            .replace("127.0.0.1:8080:127.0.0.1:8080", &format!("127.0.0.1:{listens}:127.0.0.1:{server}"))
            .replace("/etc/penstock/tunnel.key", &place("tunnel"))
            .replace("tunnel@gateway.example.com", &format!("{}@127.0.0.1", run("id", &["-un"])));
        let mut words = line.split(' ');
        let mut command = Command::new(words.next().unwrap());
        command.args(["-F", "none", "-p", &self.port.to_string()]);
        command.args(["-o", &format!("UserKnownHostsFile={}", place("known"))]).args(words);
        command.stdin(Stdio::null());
        command
    }
}

struct Answer {
    status: u16,
    headers: String,
    body: String,
}

/// Asks as Salesforce would: over TLS, trusting one authority, with more arguments of curl.
fn ask(certificates: &Certificates, url: &str, more: &[&str]) -> Answer {
    let output = Command::new("curl")
        .args(["-s", "-i", "--globoff", "--path-as-is", "--max-time", "30", "--noproxy", "*", "--http1.1"])
        .arg("--cacert")
        .arg(certificates.path("ca.pem"))
        .args(more)
        .arg(url)
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let (headers, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
    let status = headers.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
    Answer { status, headers: headers.to_ascii_lowercase(), body: body.to_owned() }
}

const LOGIN: [&str; 2] = ["-u", "demo:demo"];

fn serve(databases: &DemoDatabases, port: u16) -> TestServer {
    let more = format!("public_url = \"https://localhost:{port}\"\nlog = {{ format = \"json\" }}\n");
    demo_setup(&databases.sources, &more).start()
}

#[test]
fn behind_nginx_and_a_tunnel_everything_arrives_as_it_was_sent() {
    let Some((nginx, sshd)) = programs() else { return };
    let databases = demo::databases(Kind::Sqlite).unwrap();
    let certificates = Certificates::make();
    let listens = free_port();
    let gateway = Gateway::start(&sshd, listens);
    let nginx = Nginx::start(&nginx, &certificates, listens, false);
    let server = serve(&databases, nginx.port);
    let root = format!("https://localhost:{}/odata/v4/erp/", nginx.port);
    let get =
        |target: &str, more: &[&str]| ask(&certificates, &format!("{root}{target}"), &[&LOGIN[..], more].concat());

    // Without the tunnel the gateway says so, and at once.
    assert_eq!(get("", &[]).status, 502, "{}", nginx.log());
    let tunnel = start(&mut gateway.tunnel(listens, server.address.port()));
    await_port(listens, &|| std::fs::read_to_string(gateway.folder.path().join("log")).unwrap_or_default());

    let metadata = get("$metadata", &["-H", "Accept: application/xml"]);
    assert!(metadata.status == 200 && metadata.body.starts_with("<?xml"), "{}", metadata.headers);
    assert!(metadata.headers.contains("\r\nodata-version: 4.0"), "{}", metadata.headers);
    let stranger = ask(&certificates, &root, &[]);
    assert!(stranger.status == 401 && stranger.headers.contains("www-authenticate: basic"), "{}", stranger.headers);

    // Pages go on by the address that the outside knows.
    let first = get("Orders?$select=OrderID&$count=true&$top=3000", &["--compressed"]);
    let page: Json = serde_json::from_str(&first.body).unwrap();
    assert_eq!(page["value"].as_array().map(Vec::len), Some(2_000));
    assert!(first.headers.contains("content-encoding: "), "{}", first.headers);
    let link = page["@odata.nextLink"].as_str().unwrap();
    assert!(link.starts_with(&root), "{link}");
    let next: Json = serde_json::from_str(&ask(&certificates, link, &LOGIN).body).unwrap();
    assert_eq!(next["value"].as_array().map(Vec::len), Some(1_000));

    // Keys with an encoded slash, and what else a proxy might decode.
    let invoices: Json =
        serde_json::from_str(&get("Invoices?$select=InvoiceNo&$top=1&$filter=contains(InvoiceNo,'/')", &[]).body)
            .unwrap();
    let number = invoices["value"][0]["InvoiceNo"].as_str().unwrap();
    let one = get(&format!("Invoices('{}')", number.replace('/', "%2F")), &[]);
    assert!(one.status == 200 && one.body.contains(number), "{} {}", one.headers, one.body);

    // A search over many fields makes a URL of nearly 64 KB.
    let terms: Vec<String> = (0..850)
        .map(|number| format!("contains(ShipName,'nobody%20is%20called%20so%20{number:05}')%20eq%20true"))
        .collect();
    let long = format!("Orders?$select=OrderID&$top=25&$filter={}", terms.join("%20or%20"));
    assert!((60_000..65_000).contains(&long.len()), "{}", long.len());
    let found = get(&long, &[]);
    assert!(found.status == 200 && found.body.contains("\"value\":[]"), "{} {}", found.headers, found.body);

    // The id that nginx gives a request is the one in our log.
    let id = found.headers.lines().find_map(|line| line.strip_prefix("x-request-id: ")).unwrap().to_owned();
    let is_told = |log: &str| log.lines().any(|line| line.contains(&id) && line.contains("\"entity\":\"Orders\""));
    let end = Instant::now() + START;
    while !is_told(&server.log()) {
        assert!(Instant::now() < end, "{id} is not in the log");
        std::thread::sleep(Duration::from_millis(20));
    }

    // A tunnel that breaks is an error at once, and its service opens it again.
    drop(tunnel);
    assert_eq!(get("Orders?$top=1", &[]).status, 502);
    let _tunnel = start(&mut gateway.tunnel(listens, server.address.port()));
    await_port(listens, &|| "the tunnel, again".to_owned());
    assert_eq!(get("Orders?$top=1", &[]).status, 200);
}

#[test]
fn the_key_of_a_tunnel_opens_one_port_and_nothing_else() {
    let Some((_, sshd)) = programs() else { return };
    let (listens, other) = (free_port(), free_port());
    let gateway = Gateway::start(&sshd, listens);
    let log = || std::fs::read_to_string(gateway.folder.path().join("log")).unwrap_or_default();
    let refused = gateway.tunnel(other, 9).output().unwrap();
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(!refused.status.success() && said.contains("remote port forwarding failed"), "{said} {}", log());
    // No command, though the key is right: the one that the line names is run in its place, and fails.
    let tunnel = gateway.tunnel(listens, 9);
    let mut command = Command::new("ssh");
    command.args(tunnel.get_args().filter(|it| *it != "-N")).args(["-o", "ClearAllForwardings=yes"]).arg("id");
    let tried = command.stdin(Stdio::null()).output().unwrap();
    assert_eq!((tried.status.code(), tried.stdout.len()), (Some(1), 0), "{}", log());
}

#[test]
fn with_certificates_of_clients_nobody_else_comes_in() {
    let Some((nginx, _)) = programs() else { return };
    let databases = demo::databases(Kind::Sqlite).unwrap();
    let certificates = Certificates::make();
    // The server must know the port of nginx, and nginx that of the server, so the first of them is told later.
    let server = serve(&databases, 443);
    let nginx = Nginx::start(&nginx, &certificates, server.address.port(), true);
    let root = format!("https://localhost:{}/odata/v4/erp/Orders?$top=1", nginx.port);
    let with = |name: &str| {
        let file = |ending: &str| certificates.path(&format!("{name}.{ending}")).display().to_string();
        let (certificate, key) = (file("pem"), file("key"));
        ask(&certificates, &root, &[&LOGIN[..], &["--cert", &certificate, "--key", &key]].concat()).status
    };
    assert_eq!(ask(&certificates, &root, &LOGIN).status, 400, "no certificate");
    assert_eq!((with("client"), with("stranger"), with("expired")), (200, 400, 400));
}
