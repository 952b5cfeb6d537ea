-- The whole shop. Written for PostgreSQL 15 and later and for the embedded PGlite alike.
-- Money is in cents: a whole number, so that nothing is ever rounded.

CREATE TABLE categories (
  slug text PRIMARY KEY,
  name text NOT NULL
);

CREATE TABLE products (
  sku      text PRIMARY KEY,
  category text NOT NULL REFERENCES categories,
  revision integer NOT NULL DEFAULT 1
);
CREATE INDEX products_by_category ON products (category, sku);

-- A revision never changes once written; an edit adds the next one.
CREATE TABLE product_revisions (
  sku         text NOT NULL REFERENCES products,
  revision    integer NOT NULL,
  title       text NOT NULL,
  description text NOT NULL,
  PRIMARY KEY (sku, revision)
);

CREATE TABLE prices (
  sku   text PRIMARY KEY REFERENCES products,
  cents integer NOT NULL CHECK (cents > 0)
);

CREATE TABLE stock (
  sku       text PRIMARY KEY REFERENCES products,
  available integer NOT NULL CHECK (available >= 0)
);

CREATE TABLE customers (
  id            text PRIMARY KEY,
  name          text NOT NULL,
  registered_at timestamptz NOT NULL
);

CREATE TABLE permissions (
  customer_id text NOT NULL REFERENCES customers,
  permission  text NOT NULL,
  PRIMARY KEY (customer_id, permission)
);

CREATE TABLE wallets (
  customer_id text PRIMARY KEY REFERENCES customers,
  cents       integer NOT NULL CHECK (cents >= 0)
);

CREATE TABLE cart_lines (
  customer_id text NOT NULL REFERENCES customers,
  sku         text NOT NULL REFERENCES products,
  quantity    integer NOT NULL CHECK (quantity > 0),
  PRIMARY KEY (customer_id, sku)
);

CREATE TABLE orders (
  id          integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  customer_id text NOT NULL REFERENCES customers,
  total_cents integer NOT NULL
);

CREATE TABLE order_lines (
  order_id integer NOT NULL REFERENCES orders,
  sku      text NOT NULL REFERENCES products,
  quantity integer NOT NULL,
  cents    integer NOT NULL,
  PRIMARY KEY (order_id, sku)
);

-- Which schema and seed the tables were made from; see seed.ts.
CREATE TABLE editions (
  fingerprint text PRIMARY KEY
);
