use actix_web::{App, test};

use super::*;

fn folder(name: &str) -> PathBuf {
    let path =
        std::env::temp_dir().join(format!("mofang-{name}-{}", uuid::Uuid::now_v7().simple()));
    std::fs::create_dir_all(&path).unwrap();
    path
}

async fn get(folder: &Path, path: &str) -> (u16, String) {
    let folder = folder.to_owned();
    let app = test::init_service(App::new().configure(|cfg| mount(cfg, folder))).await;
    let answer = test::call_service(&app, test::TestRequest::get().uri(path).to_request()).await;
    let status = answer.status().as_u16();
    let body = test::read_body(answer).await;
    (status, String::from_utf8_lossy(&body).into_owned())
}

#[actix_web::test]
async fn a_mail_is_shown_without_being_trusted() {
    let folder = folder("page");
    let mail = "Subject: <b>one</b>\r\nFrom: a@b.example\r\nTo: c@d.example\r\nDate: Tue, 24 Nov 2026 06:00:00 +0000\r\n\
                Content-Type: text/html\r\n\r\n<script>alert(1)</script>\"'";
    std::fs::write(folder.join("20261124T060000Z-one.eml"), mail).unwrap();
    std::fs::write(
        folder.join("20261125T060000Z-two.eml"),
        mail.replace("one", "two"),
    )
    .unwrap();
    std::fs::write(folder.join(".20261126T060000Z-half.eml.1"), mail).unwrap();

    let (status, list) = get(&folder, "/mail").await;
    assert_eq!(status, 200);
    assert!(list.contains("Development only"));
    assert!(!list.contains("<b>") && !list.contains("half"));
    assert!(list.find("two.eml").unwrap() < list.find("one.eml").unwrap());

    let (status, page) = get(&folder, "/mail/20261124T060000Z-one.eml").await;
    assert_eq!(status, 200);
    assert!(page.contains("<iframe title=\"HTML\" sandbox "));
    assert!(!page.contains("<script>"));
    assert!(!page.contains("alert(1)</script>\""));
}

#[actix_web::test]
async fn nothing_outside_the_folder_is_read() {
    let outer = folder("outer");
    let inner = outer.join("mail");
    std::fs::create_dir(&inner).unwrap();
    std::fs::write(outer.join("secret.eml"), "Subject: secret\r\n\r\nsecret").unwrap();
    std::os::unix::fs::symlink(outer.join("secret.eml"), inner.join("link.eml")).unwrap();
    for path in [
        "/mail/../secret.eml",
        "/mail/..%2Fsecret.eml",
        "/mail/%2e%2e%2fsecret.eml",
        "/mail/link.eml",
        "/mail/secret.eml",
        "/mail/.eml",
        "/mail/a%00.eml",
    ] {
        let (status, body) = get(&inner, path).await;
        assert_eq!(status, 404, "{path}");
        assert!(!body.contains("secret"), "{path}");
    }
}
