DROP TABLE layout_picture;
