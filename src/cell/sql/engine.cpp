// SPDX-License-Identifier: Apache-2.0
#include "cell/sql/engine.h"

#include "cell/sql/functions.h"
#include "core/text.h"

#include <sqlite3.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>

namespace ward::sql {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::int64_t kMaxMemoryBytes = 512 * 1024 * 1024;  // SQLite's own: sorting and grouping; rows live outside it
constexpr int kMaxSqlBytes = 1 << 20;
constexpr int kStepsBetweenClockReads = 2000;

std::string quoted(std::string_view name) {
    std::string out = "\"";
    for (const char c : name) {
        if (c == '"') out += '"';
        out += c;
    }
    return out + "\"";
}

}  // namespace

struct Engine::Impl {
    struct Table : sqlite3_vtab {
        Impl* engine;
        const TableShape* shape;
    };
    struct Pulled {
        std::vector<Row> rows;
        std::int64_t first_id = 0;
    };
    struct Scan : sqlite3_vtab_cursor {
        const Pulled* pulled = nullptr;
        std::size_t position = 0;
    };

    std::vector<TableShape> shapes;
    Pull pull;
    sqlite3* db = nullptr;
    // Keyed by table and the encoded constraints. Pointers into it are handed to cursors, so a node-based map.
    std::map<std::string, Pulled, std::less<>> pulled;
    std::int64_t next_id = 0;  // rows of two pulls never share an id: SQLite would take them for the same row of an OR
    std::optional<Error> error;  // of a pull, richer than what SQLite can carry
    std::vector<TableRead> reads;                // of the query in work
    std::set<std::string, std::less<>> read_keys;  // theirs in `pulled`
    Clock::time_point deadline;
    bool out_of_time = false;
    bool declaring = false;

    ~Impl() { sqlite3_close(db); }

    static Table& table_of(sqlite3_vtab* vtab) { return *static_cast<Table*>(vtab); }

    static int connect(sqlite3* db, void* aux, int argc, const char* const* argv, sqlite3_vtab** out, char**) {
        auto& engine = *static_cast<Impl*>(aux);
        if (argc < 3) return SQLITE_ERROR;
        const auto shape = std::find_if(engine.shapes.begin(), engine.shapes.end(),
                                        [&](const TableShape& s) { return s.name == argv[2]; });
        if (shape == engine.shapes.end()) return SQLITE_ERROR;
        std::string sql = "CREATE TABLE x(";
        for (const auto& column : shape->columns) {
            if (sql.back() != '(') sql += ", ";
            sql += quoted(column.name) + " " + column.type;
        }
        engine.declaring = true;
        const int code = sqlite3_declare_vtab(db, (sql + ")").c_str());
        engine.declaring = false;
        if (code != SQLITE_OK) return code;
        auto table = std::make_unique<Table>();
        static_cast<sqlite3_vtab&>(*table) = {};
        table->engine = &engine;
        table->shape = &*shape;
        *out = table.release();
        return SQLITE_OK;
    }
    static int disconnect(sqlite3_vtab* vtab) {
        delete &table_of(vtab);
        return SQLITE_OK;
    }

    // Only required columns are handed on; SQLite itself filters the rest. idxNum is the number of arguments; their columns
    // are the required ones in the order of the shape.
    static int best_index(sqlite3_vtab* vtab, sqlite3_index_info* info) {
        Table& table = table_of(vtab);
        int argument = 0;
        for (const auto& name : table.shape->required) {
            bool found = false;
            bool seen_unusable = false;
            for (int i = 0; i < info->nConstraint && !found; ++i) {
                const auto& constraint = info->aConstraint[i];
                if (constraint.op != SQLITE_INDEX_CONSTRAINT_EQ || constraint.iColumn < 0) continue;
                if (table.shape->columns[static_cast<std::size_t>(constraint.iColumn)].name != name) continue;
                if (constraint.usable == 0) {
                    seen_unusable = true;
                    continue;
                }
                info->aConstraintUsage[i].argvIndex = ++argument;
                found = true;
            }
            if (found) continue;
            // Another join order may still make it usable; SQLITE_CONSTRAINT tells the planner to look for one.
            if (!seen_unusable) {
                table.engine->error = fail(Code::unsupported, "table {} needs `{} = ...` in the query",
                                           table.shape->name, name);
            }
            return SQLITE_CONSTRAINT;
        }
        info->idxNum = argument;
        // A constrained read is small; this makes the planner put it on the inside of a join.
        info->estimatedCost = argument > 0 ? 10.0 : 10'000.0;
        info->estimatedRows = argument > 0 ? 10 : 10'000;
        return SQLITE_OK;
    }

    static int open_scan(sqlite3_vtab*, sqlite3_vtab_cursor** out) {
        auto scan = std::make_unique<Scan>();
        *out = scan.release();
        return SQLITE_OK;
    }
    static int close_scan(sqlite3_vtab_cursor* cursor) {
        delete static_cast<Scan*>(cursor);
        return SQLITE_OK;
    }

    static Value value_of(sqlite3_value* value) {
        switch (sqlite3_value_type(value)) {
            case SQLITE_INTEGER: return Value{static_cast<std::int64_t>(sqlite3_value_int64(value))};
            case SQLITE_FLOAT: return Value{sqlite3_value_double(value)};
            case SQLITE_NULL: return Value{};
            default: {
                const auto* text = static_cast<const char*>(sqlite3_value_blob(value));
                const int bytes = sqlite3_value_bytes(value);
                return Value{text == nullptr ? std::string{} : std::string{text, static_cast<std::size_t>(bytes)}};
            }
        }
    }

    static int filter(sqlite3_vtab_cursor* cursor, int, const char*, int argc, sqlite3_value** argv) {
        auto& scan = *static_cast<Scan*>(cursor);
        Table& table = table_of(cursor->pVtab);
        std::vector<Constraint> constraints;
        for (int i = 0; i < argc; ++i) {
            constraints.push_back({table.shape->required[static_cast<std::size_t>(i)], value_of(argv[i])});
        }
        scan.pulled = table.engine->rows_of(*table.shape, constraints);
        scan.position = 0;
        if (scan.pulled == nullptr) return SQLITE_ERROR;
        return SQLITE_OK;
    }

    const Pulled* rows_of(const TableShape& shape, const std::vector<Constraint>& constraints) {
        std::string key = shape.name;
        for (const auto& constraint : constraints) {
            // NULL equals nothing, so there is nothing to pull.
            static const Pulled kNone;
            if (std::holds_alternative<std::monostate>(constraint.value)) return &kNone;
            key += '\0';
            key += std::to_string(constraint.value.index());
            key += to_text(constraint.value);
        }
        if (read_keys.insert(key).second) reads.push_back({shape.name, constraints});
        if (const auto found = pulled.find(key); found != pulled.end()) return &found->second;
        auto answer = pull(shape.name, constraints);
        if (!answer) {
            error = std::move(answer).error();
            return nullptr;
        }
        for (const auto& row : answer->rows) {
            if (row.size() == shape.columns.size()) continue;
            error = fail(Code::malformed, "a row of table {} has {} values for {} columns", shape.name, row.size(),
                         shape.columns.size());
            return nullptr;
        }
        const std::int64_t first_id = next_id;
        next_id += static_cast<std::int64_t>(answer->rows.size());
        return &pulled.emplace(std::move(key), Pulled{std::move(answer->rows), first_id}).first->second;
    }

    static int next(sqlite3_vtab_cursor* cursor) {
        ++static_cast<Scan*>(cursor)->position;
        return SQLITE_OK;
    }
    static int at_end(sqlite3_vtab_cursor* cursor) {
        const auto& scan = *static_cast<Scan*>(cursor);
        return scan.pulled == nullptr || scan.position >= scan.pulled->rows.size() ? 1 : 0;
    }
    static int column(sqlite3_vtab_cursor* cursor, sqlite3_context* context, int index) {
        const auto& scan = *static_cast<Scan*>(cursor);
        const Value& value = scan.pulled->rows[scan.position][static_cast<std::size_t>(index)];
        // The rows outlive the statement, so SQLite need not copy texts.
        if (const auto* number = std::get_if<std::int64_t>(&value)) {
            sqlite3_result_int64(context, *number);
        } else if (const auto* real = std::get_if<double>(&value)) {
            sqlite3_result_double(context, *real);
        } else if (const auto* text = std::get_if<std::string>(&value)) {
            sqlite3_result_text64(context, text->data(), text->size(), SQLITE_STATIC, SQLITE_UTF8);
        } else {
            sqlite3_result_null(context);
        }
        return SQLITE_OK;
    }
    static int rowid(sqlite3_vtab_cursor* cursor, sqlite3_int64* out) {
        const auto& scan = *static_cast<Scan*>(cursor);
        *out = scan.pulled->first_id + static_cast<std::int64_t>(scan.position);
        return SQLITE_OK;
    }

    static const sqlite3_module& module() {
        static const sqlite3_module kModule = [] {
            sqlite3_module m{};
            m.iVersion = 1;
            // No xCreate: the table is there under the module's name, and no schema holds it.
            m.xConnect = connect;
            m.xBestIndex = best_index;
            m.xDisconnect = disconnect;
            m.xOpen = open_scan;
            m.xClose = close_scan;
            m.xFilter = filter;
            m.xNext = next;
            m.xEof = at_end;
            m.xColumn = column;
            m.xRowid = rowid;
            return m;
        }();
        return kModule;
    }

    static int authorize(void* aux, int action, const char*, const char*, const char*, const char*) {
        // The CREATE TABLE by which a virtual table tells its columns comes by here too.
        if (static_cast<Impl*>(aux)->declaring) return SQLITE_OK;
        switch (action) {
            case SQLITE_SELECT:
            case SQLITE_READ:
            case SQLITE_FUNCTION:
            case SQLITE_RECURSIVE: return SQLITE_OK;
            default: return SQLITE_DENY;
        }
    }

    static int on_progress(void* aux) {
        auto& engine = *static_cast<Impl*>(aux);
        engine.out_of_time = Clock::now() >= engine.deadline;
        return engine.out_of_time ? 1 : 0;
    }

    Error sqlite_error(int code, std::uint64_t max_milliseconds) {
        if (error) return *error;
        if (out_of_time) {
            return fail(Code::over_limit, "the query ran longer than {} ms; narrow it, or raise --timeout",
                        max_milliseconds);
        }
        switch (code & 0xff) {
            case SQLITE_AUTH: return fail(Code::denied, "queries only read: one SELECT, WITH or VALUES");
            case SQLITE_NOMEM: return fail(Code::over_limit, "the query needs more than {} of memory",
                                           human_bytes(static_cast<std::uint64_t>(kMaxMemoryBytes)));
            case SQLITE_TOOBIG: return fail(Code::over_limit, "a text of the query grew over its limit");
            default: return fail(Code::malformed, "{}", sqlite3_errmsg(db));
        }
    }
};

Engine::Engine(std::unique_ptr<Impl> impl) : impl_{std::move(impl)} {}
Engine::~Engine() = default;

Result<std::unique_ptr<Engine>> Engine::open(std::vector<TableShape> shapes, Pull pull) {
    auto impl = std::make_unique<Impl>();
    impl->shapes = std::move(shapes);
    impl->pull = std::move(pull);
    // Whatever SQLite asks the system for (seed, page size) it must ask for now: later there is a wall.
    sqlite3_config(SQLITE_CONFIG_SINGLETHREAD);
    if (sqlite3_open_v2(":memory:", &impl->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nullptr) != SQLITE_OK) {
        return fail(Code::io, "cannot start SQLite: {}", sqlite3_errmsg(impl->db));
    }
    unsigned char seed = 0;
    sqlite3_randomness(1, &seed);
    sqlite3_hard_heap_limit64(kMaxMemoryBytes);
    sqlite3_limit(impl->db, SQLITE_LIMIT_SQL_LENGTH, kMaxSqlBytes);
    sqlite3_limit(impl->db, SQLITE_LIMIT_LENGTH, 64 * 1024 * 1024);
    sqlite3_limit(impl->db, SQLITE_LIMIT_ATTACHED, 0);
    sqlite3_limit(impl->db, SQLITE_LIMIT_EXPR_DEPTH, 200);
    sqlite3_limit(impl->db, SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 1024);
    sqlite3_db_config(impl->db, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
    sqlite3_db_config(impl->db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, nullptr);
    sqlite3_exec(impl->db, "PRAGMA temp_store = MEMORY", nullptr, nullptr, nullptr);
    for (const auto& shape : impl->shapes) {
        if (sqlite3_create_module_v2(impl->db, shape.name.c_str(), &Impl::module(), impl.get(), nullptr) != SQLITE_OK) {
            return fail(Code::malformed, "table {}: {}", shape.name, sqlite3_errmsg(impl->db));
        }
    }
    WARD_TRY(add_functions(impl->db));
    sqlite3_set_authorizer(impl->db, Impl::authorize, impl.get());
    sqlite3_progress_handler(impl->db, kStepsBetweenClockReads, Impl::on_progress, impl.get());
    return std::unique_ptr<Engine>{new Engine{std::move(impl)}};
}

Result<QueryResult> Engine::run(std::string_view sql, const QueryLimits& limits) {
    Impl& engine = *impl_;
    engine.error.reset();
    engine.reads.clear();
    engine.read_keys.clear();
    engine.out_of_time = false;
    engine.deadline = Clock::now() + limits.max_time;
    const auto milliseconds = static_cast<std::uint64_t>(limits.max_time.count());
    if (sql.size() > static_cast<std::size_t>(kMaxSqlBytes)) {
        return fail(Code::over_limit, "a query of {} bytes; at most {} are taken", sql.size(), kMaxSqlBytes);
    }
    sqlite3_stmt* raw = nullptr;
    const char* tail = nullptr;
    const int prepared = sqlite3_prepare_v2(engine.db, sql.data(), static_cast<int>(sql.size()), &raw, &tail);
    const std::unique_ptr<sqlite3_stmt, int (*)(sqlite3_stmt*)> statement{raw, sqlite3_finalize};
    if (prepared != SQLITE_OK) return engine.sqlite_error(prepared, milliseconds);
    if (!statement) return fail(Code::malformed, "no query in the text");
    // A constraint that was missing for one plan may have been there for the one that was taken.
    engine.error.reset();
    for (std::string_view rest{tail, static_cast<std::size_t>(sql.data() + sql.size() - tail)}; !trim(rest).empty();) {
        sqlite3_stmt* more = nullptr;
        const char* next = nullptr;
        const int code = sqlite3_prepare_v2(engine.db, rest.data(), static_cast<int>(rest.size()), &more, &next);
        const bool empty = more == nullptr;
        sqlite3_finalize(more);
        if (code != SQLITE_OK || !empty) return fail(Code::denied, "one query at a time; a second one follows the first");
        rest.remove_prefix(static_cast<std::size_t>(next - rest.data()));
        if (next == rest.data()) break;
    }

    QueryResult result;
    const int columns = sqlite3_column_count(statement.get());
    for (int i = 0; i < columns; ++i) result.columns.emplace_back(sqlite3_column_name(statement.get(), i));
    for (;;) {
        const int code = sqlite3_step(statement.get());
        if (code == SQLITE_DONE) break;
        if (code != SQLITE_ROW) return engine.sqlite_error(code, milliseconds);
        if (result.rows.size() >= limits.max_rows) {
            return fail(Code::over_limit, "the answer has more than {} rows; narrow the query, or raise --max-rows",
                        limits.max_rows);
        }
        Row row;
        row.reserve(static_cast<std::size_t>(columns));
        for (int i = 0; i < columns; ++i) row.push_back(Impl::value_of(sqlite3_column_value(statement.get(), i)));
        result.rows.push_back(std::move(row));
    }
    result.reads = std::move(engine.reads);
    return result;
}

}  // namespace ward::sql
