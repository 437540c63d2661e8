//! Wrong with the database or with Redis.

use std::os::unix::fs::FileExt as _;

use futures_util::FutureExt as _;
use primelingo::doctor::finding::Severity::{Error, Info, Warning};

use super::{Mended, Seed};
use crate::doctor::setup::{Setup, chmod};
use crate::support::place::Place;
use crate::support::postgres::Postgres;
use crate::support::redis::Redis;

/// The same server under another name and database.
fn url_of(setup: &Setup, user: &str, database: &str) -> String {
    let url = setup.place.url().replace("postgres@", &format!("{user}@"));
    let (server, _) = url.rsplit_once('/').unwrap();
    format!("{server}/{database}")
}

/// Fills a page of the file, which only a check of the whole file reads, with what is none.
async fn damage(setup: &mut Setup) {
    let place = &setup.place;
    place.execute("PRAGMA wal_checkpoint(TRUNCATE)").await;
    let root = "SELECT rootpage FROM sqlite_master WHERE name = 'breakages'";
    let (page, size) =
        (place.number(root).await, place.number("SELECT page_size FROM pragma_page_size()").await);
    let file = std::fs::File::options().write(true).open(place.file()).unwrap();
    let offset = u64::try_from((page - 1) * size).unwrap();
    file.write_all_at(&vec![0xa5; usize::try_from(size).unwrap()], offset).unwrap();
}

fn tell_redis(setup: &mut Setup, commands: &[&[&str]]) {
    let redis = Redis::start();
    for command in commands {
        let _: String = redis.ask(command).unwrap();
    }
    setup.use_redis(redis);
}

pub const SEEDS: &[Seed] = &[
    Seed::new("the database file is something else", "database.reachable", Error, "DATABASE_URL=sqlite:", |setup| {
        async move {
            let path = setup.path("notes.txt");
            std::fs::write(&path, "no database. ".repeat(100)).unwrap();
            setup.set("database.url", &format!("sqlite:{}", path.display()));
        }
        .boxed()
    })
    .besides(&["database.integrity"]),
    Seed::new("PostgreSQL is away", "database.reachable", Error, "psql", |setup| {
        async move { setup.set("database.url", "postgres://u:canary@127.0.0.1:1/n") }.boxed()
    }),
    Seed::new("there is no such PostgreSQL database", "database.reachable", Error, "psql", |setup| {
        async move {
            let url = url_of(setup, "postgres", "nowhere");
            setup.set("database.url", &url);
        }
        .boxed()
    })
    .on_postgres(),
    Seed::new("a newer primelingo was here (SQLite)", "database.newer", Error, "install", |setup| {
        async move {
            setup
                .place
                .execute("INSERT INTO __diesel_schema_migrations (version) VALUES ('20990101000000')")
                .await;
        }
        .boxed()
    }),
    Seed::new("a newer primelingo was here (PostgreSQL)", "database.newer", Error, "install", |setup| {
        async move {
            setup
                .place
                .execute("INSERT INTO __diesel_schema_migrations (version) VALUES ('20990101000000')")
                .await;
        }
        .boxed()
    })
    .on_postgres(),
    Seed::new("a migration was broken off", "database.whole", Error, "restore", |setup| {
        async move { setup.place.execute("DELETE FROM __diesel_schema_migrations").await }.boxed()
    })
    .besides(&["database.migrations"]),
    Seed::new("a table is missing", "database.whole", Error, "restore", |setup| {
        async move { setup.place.execute("DROP TABLE favourites").await }.boxed()
    })
    .besides(&["database.indexes"]),
    Seed::new("another program's tables are here", "database.whole", Info, "DATABASE_URL=", |setup| {
        async move { setup.place.execute("CREATE TABLE django_session (id INTEGER)").await }.boxed()
    })
    .on_postgres(),
    Seed::new("an index was dropped (SQLite)", "database.indexes", Error, "--fix", |setup| {
        async move { setup.place.execute("DROP INDEX jobs_unique; DROP INDEX outbox_open").await }.boxed()
    })
    .mended(Mended::Fix),
    Seed::new("an index was dropped (PostgreSQL)", "database.indexes", Error, "--fix", |setup| {
        async move { setup.place.execute("DROP INDEX jobs_unique; DROP INDEX outbox_open").await }.boxed()
    })
    .on_postgres()
    .mended(Mended::Fix),
    Seed::new("an index was never finished", "database.indexes", Error, "--fix", |setup| {
        async move {
            setup
                .place
                .execute(
                    "UPDATE pg_index SET indisvalid = false
                     WHERE indexrelid = 'materials_search'::regclass",
                )
                .await;
        }
        .boxed()
    })
    .on_postgres()
    .mended(Mended::Fix),
    Seed::new("a page of the file is damaged", "database.integrity", Error, "restore a backup", |setup| {
        damage(setup).boxed()
    }),
    Seed::new("the pool is larger than the server's", "server.pool", Error, "POSTGRES_POOL_SIZE=", |setup| {
        async move { setup.set("database.pool_size", "500") }.boxed()
    })
    .on_postgres(),
    Seed::new("the role may open few connections", "server.pool", Error, "POSTGRES_POOL_SIZE=", |setup| {
        async move {
            setup.place.execute("CREATE ROLE few LOGIN
                CONNECTION LIMIT 5; GRANT ALL ON ALL TABLES IN SCHEMA public TO few;
                GRANT CREATE ON SCHEMA public TO few").await;
            let database = setup.place.texts("SELECT current_database()::text").await;
            let url = url_of(setup, "few", &database[0]);
            setup.set("database.url", &url);
        }
        .boxed()
    })
    .on_postgres(),
    Seed::new("the database knows ASCII only", "server.encoding", Error, "ENCODING 'UTF8'", |setup| {
        async move {
            setup
                .place
                .execute("CREATE DATABASE narrow ENCODING 'SQL_ASCII' LOCALE 'C' TEMPLATE template0")
                .await;
            let url = url_of(setup, "postgres", "narrow");
            setup.set("database.url", &url);
        }
        .boxed()
    })
    .on_postgres(),
    Seed::new("the server does not wait for its disk", "server.durability", Error, "ALTER SYSTEM SET fsync = on", |setup| {
        async move {
            // As the tests' own server is set up.
            let place = Place::postgres_of(Postgres::shared());
            drop(place.open().await);
            setup.set("database.url", &place.url());
            setup.kept.push(Box::new(place));
        }
        .boxed()
    }),
    Seed::new("the database takes no writes", "server.writable", Error, "DATABASE_URL=", |setup| {
        async move {
            let database = setup.place.texts("SELECT current_database()::text").await;
            let set = "SET default_transaction_read_only = on";
            setup.place.execute(&format!("ALTER DATABASE {} {set}", database[0])).await;
        }
        .boxed()
    })
    .on_postgres(),
    Seed::new("our role has no rights", "server.rights", Error, "GRANT ALL ON ALL TABLES", |setup| {
        async move {
            setup.place.execute("CREATE ROLE weak LOGIN").await;
            let database = setup.place.texts("SELECT current_database()::text").await;
            let url = url_of(setup, "weak", &database[0]);
            setup.set("database.url", &url);
        }
        .boxed()
    })
    .on_postgres(),
    Seed::new("the bot is a superuser", "server.superuser", Info, "CREATE ROLE", |_| {
        async {}.boxed()
    })
    .on_postgres(),
    Seed::new("the password travels in the clear to a server elsewhere", "server.tls", Warning, "sslmode=require", |setup| {
        async move { setup.set("database.url", "postgres://u:canary@192.0.2.1/n") }.boxed()
    })
    .alone(),
    Seed::new("others can read the database file", "sqlite.private", Warning, "chmod 600", |setup| {
        async move {
            chmod(setup.place.file().parent().unwrap(), 0o755);
            chmod(&setup.place.file(), 0o644);
        }
        .boxed()
    })
    .mended(Mended::Cure),
    Seed::new("the write-ahead log only grows", "sqlite.log", Warning, "fuser", |setup| {
        async move {
            // A file that nobody has open: whoever closes one last removes its log.
            let path = setup.path("large.db");
            std::fs::write(&path, "").unwrap();
            let log = std::fs::File::create(path.with_extension("db-wal")).unwrap();
            log.set_len(600 << 20).unwrap();
            setup.set("database.url", &format!("sqlite:{}", path.display()));
        }
        .boxed()
    })
    .alone(),
    Seed::new("another host works on the SQLite file", "sqlite.hosts", Error, "DATABASE_URL=postgresql:", |setup| {
        async move {
            setup
                .place
                .execute(
                    "INSERT INTO leases (name, owner, epoch, token, until)
                     VALUES ('leader', 'run-0@elsewhere:/data', 1, 1, 9000000000000000)",
                )
                .await;
        }
        .boxed()
    }),
    Seed::new("Redis is away", "redis.reachable", Warning, "redis-cli", |setup| {
        async move { setup.use_redis(Redis::away()) }.boxed()
    }),
    Seed::new("Redis has another password", "redis.reachable", Warning, "redis-cli", |setup| {
        async move {
            let redis = Redis::start();
            let url = redis.url().replace(crate::support::redis::PASSWORD, "canary-wrong");
            setup.use_redis(redis);
            setup.set("redis.url", &url);
        }
        .boxed()
    }),
    Seed::new("Redis refuses writes when it is full", "redis.eviction", Warning, "maxmemory-policy", |setup| {
        async move {
            tell_redis(
                setup,
                &[
                    &["CONFIG", "SET", "maxmemory", "64mb"],
                    &["CONFIG", "SET", "maxmemory-policy", "noeviction"],
                ],
            );
        }
        .boxed()
    }),
    Seed::new("Redis is a replica", "redis.replica", Error, "REDIS_URL=", |setup| {
        async move { tell_redis(setup, &[&["REPLICAOF", "127.0.0.1", "1"]]) }.boxed()
    }),
    Seed::new("a Redis elsewhere has no password", "redis.password", Warning, "requirepass", |setup| {
        async move { setup.set("redis.url", "redis://192.0.2.1:6379/0") }.boxed()
    })
    .alone(),
    Seed::new("the traffic to a Redis elsewhere is in the clear", "redis.tls", Warning, "rediss:", |setup| {
        async move { setup.set("redis.url", "redis://:canary@192.0.2.1:6379/0") }.boxed()
    })
    .alone(),
];
