//! A Linux desktop of its own for one tablet: an X server without a screen, a session bus, and the demo
//! in a real window. Touched through the X server (`xdotool`), read through AT-SPI like a reader of the
//! screen does it. Nothing of it is seen by, or sees, the desktop it is started from.

use super::{Place, Role, Screen, Thing};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};
use zbus::zvariant::{DynamicType, OwnedObjectPath, OwnedValue, Type};
use zbus::{Connection, connection};

/// The tablet's window.
const SIZE: (i32, i32) = (1280, 800);
/// For a server to be there, or the demo with its central.
const START: Duration = Duration::from_secs(120);
/// For the demo to end.
const END: Duration = Duration::from_secs(10);
/// More things than any page has.
const THINGS: usize = 2000;

const ACCESSIBLE: &str = "org.a11y.atspi.Accessible";
const COMPONENT: &str = "org.a11y.atspi.Component";

/// The desktop, or what stands on it, does not do what it should.
#[derive(Debug, thiserror::Error)]
pub enum DesktopError {
    #[error("{program} cannot be started: {error}")]
    Start {
        program: &'static str,
        error: std::io::Error,
    },
    #[error("{0} did not say that it is ready")]
    Silent(&'static str),
    #[error("accessibility: {0}")]
    Bus(#[from] zbus::Error),
    #[error("accessibility: {0}")]
    Value(#[from] zbus::zvariant::Error),
    #[error("the tablet's window is not on the screen")]
    NoWindow,
    #[error("xdotool {0}: failed")]
    Hand(String),
    #[error("the demo says: {0}")]
    Order(String),
    #[error("the terminal: {0}")]
    Io(#[from] std::io::Error),
}

/// A program that ends with this value.
struct Program(Child);

impl Drop for Program {
    fn drop(&mut self) {
        // It may have ended by itself; either way it is gone after this.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// An object of AT-SPI: whose, and its path.
pub type Object = (String, OwnedObjectPath);

/// One tablet on a desktop of its own.
pub struct Desktop {
    // In the order in which they end.
    orders: Option<ChildStdin>,
    demo: Program,
    answers: Receiver<String>,
    bus: Connection,
    runtime: tokio::runtime::Runtime,
    display: String,
    window: String,
    _session: Program,
    _server: Program,
}

impl std::fmt::Debug for Desktop {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Desktop(..)")
    }
}

/// Starts a program whose first line on standard output says that it is ready, and what it is.
fn spawn(program: &'static str, command: &mut Command) -> Result<(Program, String), DesktopError> {
    let started = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn();
    let mut child = Program(started.map_err(|error| DesktopError::Start { program, error })?);
    let lines = lines(child.0.stdout.take());
    let line = lines
        .recv_timeout(START)
        .map_err(|_| DesktopError::Silent(program))?;
    Ok((child, line.trim().to_owned()))
}

/// The lines that a program says; read for as long as it speaks, so that it never waits.
fn lines(out: Option<std::process::ChildStdout>) -> Receiver<String> {
    let (sender, lines) = channel();
    if let Some(out) = out {
        std::thread::spawn(move || {
            for line in BufReader::new(out).lines().map_while(Result::ok) {
                // Nobody listens any more, but the program still speaks.
                let _ = sender.send(line);
            }
        });
    }
    lines
}

impl Desktop {
    /// `demo`: the program, with its central of `people` invented people; it keeps its data, and the
    /// desktop its sockets, under `dir`.
    ///
    /// # Errors
    /// Xvfb, a session bus, AT-SPI or xdotool is missing; the demo does not come up.
    pub fn start(demo: &Path, dir: &Path, people: u64) -> Result<Self, DesktopError> {
        let size = format!("{}x{}x24", SIZE.0, SIZE.1);
        let mut server = Command::new("Xvfb");
        server.args(["-displayfd", "1", "-nolisten", "tcp", "-screen", "0", &size]);
        let (server, number) = spawn("Xvfb", &mut server)?;
        let display = format!(":{number}");
        let run = dir.join("run");
        std::fs::create_dir_all(&run)?;
        let mut session = Command::new("dbus-daemon");
        session
            .args(["--session", "--nofork", "--print-address=1"])
            .env("DISPLAY", &display)
            .env("XDG_RUNTIME_DIR", &run)
            .env("XDG_CACHE_HOME", &run);
        let (session, address) = spawn("dbus-daemon", &mut session)?;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let bus = runtime.block_on(accessibility(&address))?;

        let started = Command::new(demo)
            .args(["--devices", "stdin", "--fresh", "--people"])
            .arg(people.to_string())
            .arg("--data")
            .arg(dir.join("data"))
            .env("DISPLAY", &display)
            .env("DBUS_SESSION_BUS_ADDRESS", &address)
            .env("XDG_RUNTIME_DIR", &run)
            .env_remove("WAYLAND_DISPLAY")
            .env_remove("AT_SPI_BUS_ADDRESS")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn();
        let mut child = Program(started.map_err(|error| DesktopError::Start {
            program: "demo",
            error,
        })?);
        let orders = child.0.stdin.take();
        let answers = lines(child.0.stdout.take());
        let mut desktop = Self {
            orders,
            demo: child,
            answers,
            bus,
            runtime,
            display,
            window: String::new(),
            _session: session,
            _server: server,
        };
        desktop.ready()?;
        Ok(desktop)
    }

    /// Waits for the demo and for its window, and gives it the keys: no window manager does.
    fn ready(&mut self) -> Result<(), DesktopError> {
        let until = Instant::now() + START;
        loop {
            let left = until.saturating_duration_since(Instant::now());
            match self.answers.recv_timeout(left) {
                Ok(line) if line == "ready" => break,
                Ok(_) => {}
                Err(_) => return Err(DesktopError::Silent("demo")),
            }
        }
        let process = self.demo.0.id().to_string();
        while Instant::now() < until {
            let found = self.hand(&["search", "--onlyvisible", "--pid", &process]);
            if let Some(window) = found.ok().and_then(|s| s.lines().next().map(String::from)) {
                self.hand(&["windowmove", &window, "0", "0"])?;
                self.hand(&["windowfocus", &window])?;
                self.window = window;
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(200));
        }
        Err(DesktopError::NoWindow)
    }

    /// What a hand at the X server does; what it finds.
    fn hand(&self, what: &[&str]) -> Result<String, DesktopError> {
        let done = Command::new("xdotool")
            .args(what)
            .env("DISPLAY", &self.display)
            .stdin(Stdio::null())
            .output()
            .map_err(|error| DesktopError::Start {
                program: "xdotool",
                error,
            })?;
        if !done.status.success() {
            let first = what.first().copied().unwrap_or_default();
            return Err(DesktopError::Hand(first.to_owned()));
        }
        Ok(String::from_utf8_lossy(&done.stdout).into_owned())
    }

    /// A picture of the whole screen, by ImageMagick's `import` where it is installed.
    ///
    /// # Errors
    /// There is none.
    pub fn picture(&self, path: &Path) -> Result<(), DesktopError> {
        let done = Command::new("import")
            .args(["-window", "root"])
            .arg(path)
            .env("DISPLAY", &self.display)
            .status();
        match done {
            Ok(status) if status.success() => Ok(()),
            Ok(_) => Err(DesktopError::Hand("import".into())),
            Err(error) => Err(DesktopError::Start {
                program: "import",
                error,
            }),
        }
    }
}

impl Drop for Desktop {
    fn drop(&mut self) {
        // With its orders the demo ends, in order; if it does not, it is ended after this.
        self.orders = None;
        let until = Instant::now() + END;
        while Instant::now() < until {
            match self.demo.0.try_wait() {
                Ok(None) => std::thread::sleep(Duration::from_millis(50)),
                _ => break,
            }
        }
    }
}

async fn open(address: &str) -> Result<Connection, zbus::Error> {
    connection::Builder::address(address)?
        .method_timeout(Duration::from_secs(20))
        .build()
        .await
}

/// The bus of accessibility on the session bus at `address`, with a reader of the screen said to be there.
async fn accessibility(address: &str) -> Result<Connection, DesktopError> {
    let session = open(address).await?;
    let (name, path) = (Some("org.a11y.Bus"), "/org/a11y/bus");
    for what in ["IsEnabled", "ScreenReaderEnabled"] {
        let on = zbus::zvariant::Value::from(true);
        let body = ("org.a11y.Status", what, on);
        let properties = Some("org.freedesktop.DBus.Properties");
        session
            .call_method(name, path, properties, "Set", &body)
            .await?;
    }
    let reply = session
        .call_method(name, path, Some("org.a11y.Bus"), "GetAddress", &())
        .await?;
    let address: String = reply.body().deserialize()?;
    Ok(open(address.as_str()).await?)
}

async fn ask<B, R>(
    bus: &Connection,
    of: &Object,
    interface: &str,
    method: &str,
    body: &B,
) -> Result<R, zbus::Error>
where
    B: serde::Serialize + DynamicType,
    R: serde::de::DeserializeOwned + Type,
{
    let (name, path) = (Some(of.0.as_str()), of.1.as_str());
    let reply = bus
        .call_method(name, path, Some(interface), method, body)
        .await?;
    reply.body().deserialize()
}

async fn property(bus: &Connection, of: &Object, name: &str) -> Result<OwnedValue, zbus::Error> {
    let body = (ACCESSIBLE, name);
    ask(bus, of, "org.freedesktop.DBus.Properties", "Get", &body).await
}

/// One object, as AT-SPI tells of it, and what is below it.
async fn look(
    bus: &Connection,
    object: Object,
) -> Result<(Thing<Object>, Vec<Object>), zbus::Error> {
    // Asked together: what takes the time is the way there and back.
    let (below, role, name, states, place) = tokio::join!(
        ask(bus, &object, ACCESSIBLE, "GetChildren", &()),
        ask(bus, &object, ACCESSIBLE, "GetRole", &()),
        property(bus, &object, "Name"),
        ask(bus, &object, ACCESSIBLE, "GetState", &()),
        // In the window; an application has no place.
        ask(bus, &object, COMPONENT, "GetExtents", &1_u32),
    );
    let (below, role, name, states): (_, u32, _, Vec<u32>) = (below?, role?, name?, states?);
    let has = |bit: u32| states.first().is_some_and(|s| s & (1 << bit) != 0);
    // Numbers of AtspiRole and AtspiStateType.
    let role = match role {
        7 | 43 | 44 | 62 => Role::Button,
        40 | 79 => Role::Field,
        29 => Role::Text,
        _ => Role::Other,
    };
    let value = match role {
        // From the first letter to the last.
        Role::Field => {
            ask(
                bus,
                &object,
                "org.a11y.atspi.Text",
                "GetText",
                &(0_i32, -1_i32),
            )
            .await
        }
        _ => Ok(String::new()),
    };
    let (x, y, width, height) = place.unwrap_or_default();
    let thing = Thing {
        role,
        name: String::try_from(name).unwrap_or_default(),
        value: value.unwrap_or_default(),
        enabled: has(8),
        focused: has(12),
        place: Place {
            x,
            y,
            width,
            height,
        },
        handle: object,
    };
    Ok((thing, below))
}

async fn all(bus: &Connection) -> Result<Vec<Thing<Object>>, DesktopError> {
    let path = OwnedObjectPath::try_from("/org/a11y/atspi/accessible/root")?;
    let root = ("org.a11y.atspi.Registry".to_owned(), path);
    let mut things = Vec::new();
    let mut ahead: Vec<Object> = ask(bus, &root, ACCESSIBLE, "GetChildren", &()).await?;
    ahead.reverse();
    while let Some(object) = ahead.pop() {
        // What goes while it is looked at is not there.
        let Ok((thing, mut below)) = look(bus, object).await else {
            continue;
        };
        below.reverse();
        ahead.append(&mut below);
        things.push(thing);
        if things.len() > THINGS {
            break;
        }
    }
    Ok(things)
}

impl Screen for Desktop {
    type Handle = Object;
    type Error = DesktopError;

    fn things(&mut self) -> Result<Vec<Thing<Object>>, DesktopError> {
        if !matches!(self.demo.0.try_wait(), Ok(None)) {
            return Err(DesktopError::NoWindow);
        }
        self.runtime.block_on(all(&self.bus))
    }

    fn size(&self) -> (i32, i32) {
        SIZE
    }

    fn press(&mut self, x: i32, y: i32) -> Result<(), DesktopError> {
        let (x, y) = (x.to_string(), y.to_string());
        self.hand(&["mousemove", &x, &y, "mousedown", "1"])
            .map(|_| ())
    }

    fn lift(&mut self) -> Result<(), DesktopError> {
        self.hand(&["mouseup", "1"]).map(|_| ())
    }

    fn type_text(&mut self, text: &str) -> Result<(), DesktopError> {
        self.hand(&["type", "--delay", "20", text]).map(|_| ())
    }

    fn key(&mut self, name: &str, down: bool) -> Result<(), DesktopError> {
        let way = if down { "keydown" } else { "keyup" };
        self.hand(&[way, name]).map(|_| ())
    }

    fn act(&mut self, thing: &Thing<Object>) -> Result<bool, DesktopError> {
        let action = "org.a11y.atspi.Action";
        let bus = &self.bus;
        self.runtime.block_on(async {
            // Without actions there is no such interface.
            let body = 0_i32;
            match ask(bus, &thing.handle, action, "DoAction", &body).await {
                Ok(done) => Ok(done),
                Err(zbus::Error::MethodError(..)) => Ok(false),
                Err(error) => Err(error.into()),
            }
        })
    }

    fn outside(&mut self, order: &str) -> Result<(), DesktopError> {
        let silent = DesktopError::Silent("demo");
        let Some(orders) = &mut self.orders else {
            return Err(silent);
        };
        writeln!(orders, "{order}")?;
        orders.flush()?;
        match self.answers.recv_timeout(START) {
            Ok(answer) if answer == "ok" => Ok(()),
            Ok(answer) => Err(DesktopError::Order(answer)),
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => Err(silent),
        }
    }
}
