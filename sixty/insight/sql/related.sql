-- What customers ask after a question, and what became of the visits: the counts from which sixty/insight/related.py
-- works out shares and weights. One row for each category, question, state, place and following question.
--
-- Written so that SQLite, PostgreSQL and DuckDB run it as it is; {age_days} alone differs (sixty/insight/dialects.py).
-- For ClickHouse and Spark see docs/scale.md.
WITH visits AS (
    SELECT
        id,
        COALESCE(category, '') AS category,
        turns,
        CASE WHEN ordered_at IS NULL THEN 0 ELSE 1 END AS ordered,
        -- Half as much for every half-life that has passed.
        POWER(0.5, {age_days} / :half_life_days) AS recency
    FROM visit
    WHERE started_at >= :since AND ended_at <= :until AND questions > 0
),
asked AS (
    -- A question counts once a visit: what was asked before is no next question.
    -- Both numbers carry a turn's ordinal and a remainder, so that one pass finds the first and the last asking:
    -- whether the first was a tap (1), and whether the last was settled (1), missed (2) or asked back (3).
    SELECT
        visit_id,
        question,
        MIN(2 * ordinal + CASE WHEN tapped THEN 1 ELSE 0 END) AS first_asked,
        MAX(4 * ordinal + CASE
            WHEN outcome = 'answered' THEN 1
            WHEN outcome IN ('missed', 'apologised') THEN 2
            WHEN outcome = 'asked_back' THEN 3
            ELSE 0
        END) AS last_asked
    FROM chat_turn
    WHERE question IS NOT NULL AND chat_turn.at >= :since
    GROUP BY visit_id, question
    UNION ALL
    -- The visit's beginning, so that its first question follows something, too.
    SELECT id AS visit_id, '' AS question, -2 AS first_asked, 0 AS last_asked FROM visits
),
steps AS (
    SELECT
        visit_id,
        question,
        last_asked,
        LEAD(question, 1) OVER in_order AS next_question,
        LEAD(first_asked, 1) OVER in_order AS next_asked,
        LEAD(question, 2) OVER in_order AS second_question,
        LEAD(first_asked, 2) OVER in_order AS second_asked
    FROM asked
    WINDOW in_order AS (PARTITION BY visit_id ORDER BY first_asked)
),
places AS (
    SELECT 1 AS place UNION ALL SELECT 2 AS place
),
followed AS (
    SELECT
        visits.category AS category,
        steps.question AS question,
        CASE
            WHEN steps.last_asked % 4 = 1 THEN 'settled'
            WHEN steps.last_asked % 4 = 2 THEN 'open'
            -- Asked back, and no further word came. Whoever answers goes on without naming the question again.
            WHEN steps.last_asked % 4 = 3 AND steps.last_asked >= 4 * (visits.turns - 1) THEN 'open'
            ELSE 'unknown'
        END AS state,
        places.place AS place,
        CASE places.place WHEN 1 THEN steps.next_question ELSE steps.second_question END AS following,
        CASE places.place WHEN 1 THEN steps.next_asked ELSE steps.second_asked END AS following_asked,
        visits.recency AS recency,
        visits.ordered AS ordered
    FROM steps
    JOIN visits ON visits.id = steps.visit_id
    CROSS JOIN places
)
SELECT
    category,
    question,
    state,
    place,
    following,
    COUNT(*) AS visit_count,
    SUM(recency) AS recency_sum,
    -- A tap was suggested; a customer's own words are better evidence.
    SUM(recency * CASE WHEN following_asked % 2 = 1 THEN :tap_weight ELSE 1 END) AS weight_sum,
    SUM(recency * ordered) AS ordered_sum
FROM followed
GROUP BY category, question, state, place, following
