//! The commands, in the order in which the help lists them.

use std::process::ExitCode;

use clap::Subcommand;

use super::{
    audit, backup, broadcast, completions, config, db, doctor, errors, files, healthcheck, init,
    inspect, jobs, man, migrate, run, stats, updates, users,
};
#[cfg(feature = "demo")]
use super::{demo, simulate};
use crate::settings::{LoadOptions, Loaded};

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// By the settings.
    #[command(flatten)]
    Configured(Configured),
    /// Whether there are settings or not.
    #[command(flatten)]
    Bare(Bare),
}

/// Commands that begin with the settings and the log.
#[derive(Debug, Subcommand)]
pub enum Configured {
    /// Runs the bot. Of several on one database one works, and the others stand by.
    Run(run::RunArguments),
    /// Works background jobs off, beside a bot on the same database.
    Worker(run::WorkerArguments),
    /// Shows and changes which migrations the database has had.
    Migrate(migrate::MigrateArguments),
    /// Copies a database into another one, checks copies, takes over another bot's.
    Db(db::DbArguments),
    /// Makes copies of the database and the files, proves them, puts them back.
    Backup(backup::BackupArguments),
    /// Sends to many, and looks at what was sent.
    Broadcast(broadcast::BroadcastArguments),
    /// Looks at background jobs, and gives dead ones another try.
    Jobs(jobs::JobsArguments),
    /// Looks at updates that were put aside, and gives them another try.
    Updates(updates::UpdatesArguments),
    /// Brings files in from a folder, and checks those that are there.
    Files(files::FilesArguments),
    /// Looks into files as an upload would, and prints what is found and what it cost.
    Inspect(inspect::InspectArguments),
    /// The school in figures, a row for each day.
    Stats(stats::StatsArguments),
    /// Looks people up and gives them roles.
    Users(users::UsersArguments),
    /// Shows who did what, and when.
    Audit(audit::AuditArguments),
    /// Shows what goes wrong in the program, by groups.
    Errors(errors::ErrorsArguments),
    /// Asks the bot that runs on this machine whether it lives; for containers.
    Healthcheck(healthcheck::HealthcheckArguments),
    /// Load drill against the built-in simulator; prints figures.
    #[cfg(feature = "demo")]
    Simulate(simulate::SimulateArguments),
}

/// Commands that read the settings by themselves, if at all.
#[derive(Debug, Subcommand)]
pub enum Bare {
    /// Tries everything out without Telegram: simulator, bot, sample library, chat page.
    #[cfg(feature = "demo")]
    Demo(demo::DemoArguments),
    /// Sets a bot up: asks for what is missing, writes it down, makes the first owner.
    Init(init::InitArguments),
    /// Shows the configuration, and what there is to configure.
    Config(config::ConfigArguments),
    /// Looks the set-up over: what is wrong, and the line that mends it.
    Doctor(doctor::DoctorArguments),
    /// Prints what a shell needs to complete commands and options.
    Completions(completions::CompletionsArguments),
    /// Prints or writes pages for `man`, one for each command.
    Man(man::ManArguments),
}

impl Configured {
    /// How settings are loaded for it: what it is told by its own options comes after all others.
    pub fn adjust(&self, mut options: LoadOptions) -> LoadOptions {
        if let Self::Worker(worker) = self {
            options.overrides.extend(worker.settings());
        }
        options
    }

    /// Runs it. `options` are how the settings were loaded.
    pub fn run(self, loaded: Loaded, options: LoadOptions) -> ExitCode {
        let settings = &loaded.settings;
        match self {
            Self::Run(arguments) => run::run(loaded, options, &arguments),
            Self::Worker(_) => run::work(loaded, options),
            Self::Migrate(arguments) => migrate::run(settings, &arguments),
            Self::Db(arguments) => db::run(settings, &arguments),
            Self::Backup(arguments) => backup::run(settings, &arguments),
            Self::Broadcast(arguments) => broadcast::run(settings, &arguments),
            Self::Jobs(arguments) => jobs::run(settings, &arguments),
            Self::Updates(arguments) => updates::run(settings, &arguments),
            Self::Files(arguments) => files::run(settings, &arguments),
            Self::Inspect(arguments) => inspect::run(settings, &arguments),
            Self::Stats(arguments) => stats::run(settings, &arguments),
            Self::Users(arguments) => users::run(settings, &arguments),
            Self::Audit(arguments) => audit::run(settings, &arguments),
            Self::Errors(arguments) => errors::run(settings, &arguments),
            Self::Healthcheck(arguments) => healthcheck::run(settings, &arguments),
            #[cfg(feature = "demo")]
            Self::Simulate(arguments) => simulate::run(&arguments),
        }
    }
}

impl Bare {
    /// Runs it. `options` are how settings would be loaded.
    pub fn run(self, options: LoadOptions) -> ExitCode {
        match self {
            #[cfg(feature = "demo")]
            Self::Demo(arguments) => demo::run(&arguments, options.overrides),
            Self::Init(arguments) => init::run(options, &arguments),
            Self::Config(arguments) => config::run(options, &arguments),
            Self::Doctor(arguments) => doctor::run(&arguments, options),
            Self::Completions(arguments) => completions::run(&arguments),
            Self::Man(arguments) => man::run(&arguments),
        }
    }
}
