-- Guesses of people who are no users yet, or whom somebody else vouches for: who guesses too often waits.
CREATE TABLE IF NOT EXISTS sign_in_guess (
    id BIGINT NOT NULL AUTO_INCREMENT,
    guesser CHAR(64) CHARACTER SET ascii NOT NULL,
    created DATETIME(3) NOT NULL,
    PRIMARY KEY (id),
    KEY sign_in_guess_guesser (guesser, created),
    KEY sign_in_guess_created (created)
) ENGINE = InnoDB DEFAULT CHARACTER SET = utf8mb4;
