DROP INDEX booking_one_offer;
DROP TABLE question;
