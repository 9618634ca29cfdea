#include "stages/formats/sqlite_file.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include "pipeline/base/error.h"
#include "pipeline/base/file.h"

namespace kinflow {
namespace {

/// A path as a file: address, so that SQLite takes settings behind it.
std::string FileAddress(const std::string& path) {
  std::string out = "file:";
  for (const char c : path) {
    if (c == '%' || c == '?' || c == '#') {
      out += fmt::format("%{:02x}", static_cast<unsigned>(c));
    } else {
      out += c;
    }
  }
  return out;
}

}  // namespace

void SqliteStatement::Free::operator()(sqlite3_stmt* p) const { sqlite3_finalize(p); }
void SqliteFile::Free::operator()(sqlite3* p) const { sqlite3_close(p); }

SqliteStatement::SqliteStatement(SqliteFile& file, const char* sql) : file_(&file) {
  sqlite3_stmt* statement = nullptr;
  const int rc = sqlite3_prepare_v2(file.db_.get(), sql, -1, &statement, nullptr);
  statement_.reset(statement);
  if (rc != SQLITE_OK) file.Fail("read its tables");
}

bool SqliteStatement::Step() {
  const int rc = sqlite3_step(statement_.get());
  if (rc == SQLITE_ROW) return true;
  if (rc != SQLITE_DONE) file_->Fail(file_->writing_ ? "write" : "read its tables");
  return false;
}

void SqliteStatement::Reset() { sqlite3_reset(statement_.get()); }

int64_t SqliteStatement::Integer(int column) const {
  return sqlite3_column_int64(statement_.get(), column);
}

std::string_view SqliteStatement::Bytes(int column) const {
  const auto* data = static_cast<const char*>(sqlite3_column_blob(statement_.get(), column));
  const int n = sqlite3_column_bytes(statement_.get(), column);
  return data == nullptr ? std::string_view() : std::string_view(data, static_cast<size_t>(n));
}

void SqliteStatement::Bind(int parameter, int64_t value) {
  sqlite3_bind_int64(statement_.get(), parameter + 1, value);
}

void SqliteStatement::BindText(int parameter, std::string_view text) {
  sqlite3_bind_text(statement_.get(), parameter + 1, text.data(), static_cast<int>(text.size()),
                    SQLITE_STATIC);
}

void SqliteStatement::BindBlob(int parameter, std::string_view bytes) {
  sqlite3_bind_blob(statement_.get(), parameter + 1, bytes.data(), static_cast<int>(bytes.size()),
                    SQLITE_STATIC);
}

SqliteFile SqliteFile::OpenRead(const std::string& path, const std::string& remedy) {
  FileHandle::OpenRead(path);  // for its messages
  SqliteFile file;
  file.path_ = path;
  file.remedy_ = remedy;
  sqlite3* db = nullptr;
  const int rc =
      sqlite3_open_v2((FileAddress(path) + "?immutable=1").c_str(), &db,
                      SQLITE_OPEN_READONLY | SQLITE_OPEN_URI | SQLITE_OPEN_PRIVATECACHE, nullptr);
  file.db_.reset(db);
  if (rc != SQLITE_OK) file.Fail("open");
  sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_VIEW, 0, nullptr);
  sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, nullptr);
  sqlite3_limit(db, SQLITE_LIMIT_LENGTH, 64 << 20);
  file.Run("PRAGMA cell_size_check = ON");
  return file;
}

SqliteFile SqliteFile::CreateNew(const std::string& path) {
  FileHandle::CreateNew(path).Close();
  SqliteFile file;
  file.path_ = path;
  file.writing_ = true;
  sqlite3* db = nullptr;
  const int rc =
      sqlite3_open_v2(FileAddress(path).c_str(), &db,
                      SQLITE_OPEN_READWRITE | SQLITE_OPEN_URI | SQLITE_OPEN_PRIVATECACHE, nullptr);
  file.db_.reset(db);
  if (rc != SQLITE_OK) file.Fail("create");
  file.Run("PRAGMA locking_mode = EXCLUSIVE");
  file.Run("PRAGMA journal_mode = OFF");
  file.Run("PRAGMA synchronous = OFF");  // the caller syncs and renames
  return file;
}

bool SqliteFile::HasTable(const std::string& name) {
  auto find = Prepare("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?");
  find.BindText(0, name);
  return find.Step();
}

void SqliteFile::Run(const char* sql) {
  auto statement = Prepare(sql);
  while (statement.Step()) {
  }
}

void SqliteFile::Close() {
  if (sqlite3_close(db_.get()) != SQLITE_OK) Fail("close");
  static_cast<void>(db_.release());
}

void SqliteFile::Fail(std::string_view doing) const {
  const int code = db_ ? sqlite3_errcode(db_.get()) : SQLITE_NOMEM;
  const std::string text = sqlite3_errstr(code);
  if (code == SQLITE_NOMEM) {
    throw Error(ErrorId::kOutOfMemory, "the system refused memory").InFile(path_);
  }
  if (code == SQLITE_FULL) throw Error(ErrorId::kDiskFull, text).InFile(path_);
  if (writing_) {
    throw Error(ErrorId::kWriteFailed, fmt::format("cannot {} the file: {}", doing, text))
        .InFile(path_);
  }
  throw Error(ErrorId::kMalformed, fmt::format("cannot {}: {}", doing, text))
      .InFile(path_)
      .Remedy(remedy_);
}

}  // namespace kinflow
