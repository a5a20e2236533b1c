//! How the server is found and the key is given, and what is asked without sending.

use super::*;

#[tokio::test]
async fn a_key_is_taken_from_a_file_the_environment_or_a_profile() {
    let (key, hash) = smsmux::config::api_key::generate("shell").unwrap();
    let rig = Rig::with(&format!("[callers.shell]\nkey = '{hash}'\nscopes = ['*']\naccounts = ['*']\n"), "").await;
    let refused = ask(&rig, &["accounts"]).await.with(1);
    assert!(
        refused.stderr.contains("CALLER_NOT_AUTHENTICATED") && refused.stderr.contains("--key-file"),
        "{refused:#?}"
    );
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).display().to_string();
    let (key_file, profiles, address) = (at("key"), at("profiles.toml"), rig.address.to_string());
    fs::write(&key_file, format!("{}\n", key.expose_secret())).unwrap();
    ask(&rig, &["accounts", "--key-file", &key_file]).await.with(0);
    // The path is relative to the folder of the file.
    let profile = format!("address = '{address}'\nkey_file = 'key'\n");
    fs::write(&profiles, format!("[default]\n{profile}[test]\n{profile}")).unwrap();
    let profiled = |arguments: &[&str], more: &[(&str, &str)]| {
        let mut command = command(arguments);
        command.env("SMSMUX_PROFILES", &profiles).envs(more.iter().copied());
        spawn_blocking(move || run(&mut command))
    };
    let in_environment = [("SMSMUX_ADDRESS", &*address), ("SMSMUX_KEY", key.expose_secret())];
    profiled(&["accounts"], &in_environment).await.unwrap().with(0);
    profiled(&["accounts"], &[]).await.unwrap().with(0);
    profiled(&["accounts", "--profile", "test"], &[("SMSMUX_KEY", "wrong")]).await.unwrap().with(0);
    // A key of the default profile is not sent to an address that is named.
    profiled(&["accounts", "--address", &address], &[]).await.unwrap().with(1);
    let unknown = profiled(&["accounts", "--profile", "tset"], &[]).await.unwrap().with(64);
    assert!(unknown.stderr.contains("it has default, test"), "{unknown:#?}");
}

#[test]
fn a_key_is_not_sent_to_another_machine_in_plain_text() {
    let mut command = command(&["accounts", "--address", "http://sms.example.com:50051"]);
    let ended = run(command.env("SMSMUX_KEY", "smk_secret")).with(1);
    assert!(ended.stderr.contains("in plain text") && !ended.all().contains("smk_secret"), "{ended:#?}");
}

#[tokio::test]
async fn accounts_are_listed_and_shown_with_what_is_left() {
    let rig = Rig::smsend().await;
    let listed = ask(&rig, &["accounts"]).await.with(0);
    assert!(listed.stdout.lines().nth(1).unwrap().starts_with("accounts/smsend  smsend"), "{listed:#?}");
    assert_eq!(json(&rig, &["accounts"]).await["accounts"][0]["vendor"], "smsend");
    let shown = ask(&rig, &["accounts", "smsend"]).await.with(0);
    assert!(
        shown.stdout.contains("left: ") && shown.stdout.contains("smsmux.v1.MessageService/SendMessage"),
        "{shown:#?}"
    );
    let shown = json(&rig, &["accounts", "accounts/smsend"]).await;
    assert!(shown["status"]["credits"].is_array(), "{shown}");
    let unknown = ask(&rig, &["accounts", "acme"]).await.with(1);
    assert!(unknown.stderr.contains("ACCOUNT_NOT_FOUND"), "{unknown:#?}");
}

#[tokio::test]
async fn an_analysis_is_that_of_the_server() {
    let rig = Rig::smsend().await;
    let told =
        ask(&rig, &["analyze", "--account", "smsend", "--to", NUMBER, "--text", "Perch\u{e9} no?"]).await.with(0);
    assert!(told.stdout.starts_with("accounts/smsend: 1 segment, GSM 7-bit"), "{told:#?}");
    let told = json(&rig, &["analyze", "--account", "smsend", "--to", NUMBER, "--text", "\u{1f600}"]).await;
    assert_eq!(told["encoding"], "ENCODING_UCS_2");
    ask(&rig, &["analyze", "--account", "smsend", "--to", "12", "--text", "Hi"]).await.with(1);
}

#[test]
fn a_mistyped_command_comes_with_the_right_one() {
    let ended = run(&mut command(&["messagez", "list"])).with(2);
    assert!(ended.stderr.contains("messages"), "{ended:#?}");
}
