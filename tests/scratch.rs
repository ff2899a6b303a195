use mofang::catalogue::{seed, store};
use mofang::db::Db;
use std::time::Instant;

#[tokio::test]
async fn scratch() {
    let db = Db::new("postgres://mofang@%2Ftmp%2Fpg/catalogue", 4).unwrap();
    for _ in 0..2 {
        let t = Instant::now();
        let done = seed::seed(&db).await.unwrap();
        println!("{done:?} {:?}", t.elapsed());
    }
    use diesel::prelude::*;
    use diesel_async::RunQueryDsl;
    let mut conn = db.conn().await.unwrap();
    let id: mofang::id::SpaceId = mofang::schema::space::table
        .filter(mofang::schema::space::slug.eq("huiju"))
        .select(mofang::schema::space::id)
        .first(&mut conn)
        .await
        .unwrap();
    let g = store::ground(&conn, id).await.unwrap().unwrap();
    println!("{g:#?}");
    let v = g.areas[0].initial_layout_version_id.unwrap();
    println!("{:#?}", store::layout_version(&conn, v).await.unwrap());
    let t = Instant::now();
    for _ in 0..500 {
        store::ground(&conn, id).await.unwrap().unwrap();
    }
    println!("ground: {:?}", t.elapsed() / 500);
    let t = Instant::now();
    for _ in 0..500 {
        store::layout_version(&conn, v).await.unwrap().unwrap();
    }
    println!("layout: {:?}", t.elapsed() / 500);
}
