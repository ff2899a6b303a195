//! The commands. Each reads the settings and calls a function of the library.

use std::error::Error;
use std::io::{IsTerminal, Write};
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use mofang::booking::check;
use mofang::catalogue::seed::{SeedError, seed};
use mofang::catalogue::timing;
use mofang::config::{Config, Flags};
use mofang::identity::{Role, command};
use mofang::language::Locale;
use mofang::{http, plan, server};
use tokio::runtime::Runtime;
use tracing_subscriber::EnvFilter;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Books a venue whose rooms change shape.
#[derive(Parser)]
#[command(name = "mofang", version)]
struct Cli {
    #[command(flatten)]
    flags: Flags,
    /// Shows every setting, and where it comes from, and leaves
    #[arg(long, global = true)]
    print_config: bool,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Answers one case of the planner: JSON on standard input, the answer on standard output
    Plan(Plan),
    #[command(flatten)]
    Service(Service),
}

/// The commands that have settings and a database.
#[derive(Subcommand)]
enum Service {
    /// Serves the API and the pages (what happens without a command, too)
    Serve(Serve),
    /// Sends mails and sees to deadlines, without HTTP
    Worker,
    /// Brings the database's tables up to date
    Migrate,
    /// Writes what is missing of the venue's data
    Seed,
    /// Proves the invariants on the database and names every row that breaks one
    Check,
    /// Prints the OpenAPI document
    Openapi,
    /// Accounts
    User {
        #[command(subcommand)]
        command: User,
    },
}

#[derive(Subcommand)]
enum User {
    /// Makes a verified account; the password is read from standard input
    Add {
        email: String,
        #[arg(long)]
        name: String,
        /// zh-CN or en
        #[arg(long, default_value = "zh-CN")]
        locale: String,
    },
    /// Gives an account a new password, read from standard input, and ends its sign-ins
    Password { email: String },
    /// Gives an account a staff role: approver, front_desk, crew or admin
    Grant {
        email: String,
        #[arg(value_parser = role)]
        role: Role,
        /// The venue's slug
        #[arg(long)]
        venue: String,
        /// The slug of one of its spaces; all of them where it is left out
        #[arg(long)]
        space: Option<String>,
    },
    /// Gives the demonstration accounts new passwords and prints them
    Demo,
}

#[derive(Args, Default)]
struct Serve {
    /// Leaves mails and deadlines to a `mofang worker` elsewhere
    #[arg(long)]
    no_worker: bool,
    /// Makes demonstration accounts and prints their passwords
    #[arg(long)]
    demo: bool,
}

#[derive(Args)]
#[command(arg_required_else_help = false)]
struct Plan {
    #[command(subcommand)]
    kind: plan::Kind,
}

/// What a program that asked for a plan reads as "this is not a case".
const NOT_A_CASE: u8 = 2;

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) if error.use_stderr() && std::env::args_os().any(|one| one == "plan") => {
            let text = error.to_string();
            let first = text.split("\n\n").next().unwrap_or_default();
            let words: Vec<_> = first.split_whitespace().skip(1).collect();
            return not_a_case(words.join(" "));
        }
        Err(error) => error.exit(),
    };
    let service = match cli.command {
        Some(Command::Plan(Plan { kind })) => return answer(kind),
        Some(Command::Service(service)) => service,
        None => Service::Serve(Serve::default()),
    };
    match start(service, &cli.flags, cli.print_config) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("mofang: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Answers a case; neither settings nor a database are asked for.
fn answer(kind: plan::Kind) -> ExitCode {
    match plan::run(kind, std::io::stdin().lock()) {
        Ok(answer) => match std::io::stdout().write_all(answer.as_bytes()) {
            Ok(()) => ExitCode::SUCCESS,
            Err(_) => ExitCode::FAILURE,
        },
        Err(error) => not_a_case(error),
    }
}

fn not_a_case(reason: impl std::fmt::Display) -> ExitCode {
    eprintln!("mofang plan: {reason}");
    ExitCode::from(NOT_A_CASE)
}

fn start(service: Service, flags: &Flags, print_config: bool) -> Result<(), Box<dyn Error>> {
    let (config, origins) = Config::load(flags)?;
    if print_config {
        print!("{origins}");
        return Ok(());
    }
    log(&config.log)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    match service {
        Service::Serve(Serve { no_worker, demo }) => {
            let options = server::Options {
                worker: !no_worker,
                demo,
            };
            runtime.block_on(server::run(config, options))?;
        }
        Service::Worker => runtime.block_on(server::work(config))?,
        Service::Migrate => runtime.block_on(server::migrate(config))?,
        Service::Seed => {
            let seeded = runtime.block_on(server::with_database(config, async |db| {
                let seeded = seed(&db).await?;
                timing::settle(&db).await?;
                Ok::<_, SeedError>(seeded)
            }))??;
            println!(
                "{} spaces, {} layouts, {} shifts were missing",
                seeded.spaces, seeded.layouts, seeded.shifts
            );
        }
        Service::Check => {
            let report = runtime.block_on(server::with_database(config, async |db| {
                check::run(&db).await
            }))??;
            print!("{report}");
            if !report.is_clean() {
                return Err("the database breaks an invariant".into());
            }
        }
        Service::Openapi => print!("{}", http::document::text()),
        Service::User { command } => user(&runtime, config, command)?,
    }
    Ok(())
}

fn role(name: &str) -> Result<Role, String> {
    Role::from_name(name).ok_or_else(|| "a role is approver, front_desk, crew or admin".to_owned())
}

fn user(runtime: &Runtime, config: Config, command: User) -> Result<(), Box<dyn Error>> {
    match command {
        User::Add {
            email,
            name,
            locale,
        } => {
            let password = password()?;
            let locale = Locale::from_tag(&locale);
            runtime.block_on(server::with_database(config, async |db| {
                command::add(&db, &email, &name, locale, password).await
            }))??;
        }
        User::Password { email } => {
            let password = password()?;
            runtime.block_on(server::with_database(config, async |db| {
                command::set_password(&db, &email, password).await
            }))??;
        }
        User::Grant {
            email,
            role,
            venue,
            space,
        } => {
            runtime.block_on(server::with_database(config, async |db| {
                command::grant(&db, &email, role, &venue, space.as_deref()).await
            }))??;
        }
        User::Demo => runtime.block_on(server::with_database(config, async |db| {
            server::new_demo_passwords(&db).await
        }))??,
    }
    Ok(())
}

/// The first line of standard input: a password never stands in a command line, where others could read it.
fn password() -> Result<String, Box<dyn Error>> {
    let mut line = String::new();
    std::io::stdin().read_line(&mut line)?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}

/// Lines for a person at a terminal, JSON for everything else.
fn log(filter: &str) -> Result<(), Box<dyn Error>> {
    let filter = EnvFilter::try_new(filter).map_err(|error| format!("MOFANG_LOG: {error}"))?;
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    if std::io::stderr().is_terminal() {
        builder.init()
    } else {
        builder.json().init()
    }
    Ok(())
}
