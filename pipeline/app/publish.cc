#include "pipeline/app/publish.h"

#include <oneapi/tbb/task_group.h>
#include <unistd.h>

#include <algorithm>
#include <deque>
#include <filesystem>
#include <limits>
#include <map>
#include <optional>
#include <set>

#include "pipeline/app/published_record.h"
#include "pipeline/base/error.h"
#include "pipeline/base/file.h"

namespace kinflow {
namespace {

/// The sealed artifacts of a plan, each looked up once.
class SealedArtifacts {
 public:
  SealedArtifacts(const Plan& plan, const ArtifactStore& store) : plan_(plan), store_(store) {}

  Manifests Of(const Product& product) {
    Manifests manifests;
    for (const auto& id : product.stages) {
      if (const auto& manifest = Find(id)) manifests.push_back(*manifest);
      if (product.first_needed && manifests.empty()) return {};
    }
    return manifests;
  }

 private:
  const std::optional<Manifest>& Find(const std::string& id) {
    const auto [found, added] = known_.emplace(id, std::nullopt);
    if (added && plan_.Has(id)) {
      const PlannedStage& p = plan_.at(id);
      found->second = store_.Find(p.stage->kind(), p.keys.self);
    }
    return found->second;
  }

  const Plan& plan_;
  const ArtifactStore& store_;
  std::map<std::string, std::optional<Manifest>> known_;
};

std::string DigestOf(const Manifests& manifests, const std::string& besides) {
  Hasher hasher;
  hasher.AddField(besides);
  for (const Manifest& m : manifests) hasher.AddField(m.ContentDigest().Hex());
  return hasher.Finish().Hex();
}

template <class T>
void PublishH5(const T& table, const std::string& name, const std::string& folder) {
  const std::string path = JoinPath(folder, name + ".h5"), partial = PartialName(path);
  H5Writer file(partial);
  file.WriteTable("/" + name, table);
  file.Close();
  PublishFile(partial, path);
}

}  // namespace

void PublishTable(const Table& table, const std::string& name, const std::string& folder) {
  WriteTsv(table, JoinPath(folder, name + ".tsv"));
  PublishH5(table, name, folder);
}

void PublishTable(const ColumnTable& table, const std::string& name, const std::string& folder,
                  bool text) {
  const std::string tsv = JoinPath(folder, name + ".tsv");
  if (text) {
    WriteTsv(table, tsv);
  } else {
    RemoveFile(tsv);  // of a run with fewer columns
  }
  PublishH5(table, name, folder);
}

void RemoveLink(const std::string& link) {
  std::error_code none;
  if (std::filesystem::is_symlink(link, none)) RemoveFile(link);
}

void LinkTo(const std::string& target, const std::string& link) {
  RemoveLink(link);
  if (FileExists(link)) {
    throw Error(ErrorId::kBadArgument, "a file of the name of a result stands in the output folder")
        .InFile(link)
        .Remedy("the result itself is " + target + "; take the file away, or give another --out");
  }
  if (::symlink(target.c_str(), link.c_str()) != 0) {
    throw SystemError(errno, ErrorId::kWriteFailed, "link", link);
  }
}

namespace {

/// One call of Publish().
class Publishing {
 public:
  Publishing(const Plan& plan, const ArtifactStore& store, const PublishOptions& options)
      : store_(store), options_(options), record_(options.folder), artifacts_(plan, store) {}

  /// One after the other, large streams beside them; returns what is of earlier runs.
  std::vector<std::string> Run(const std::vector<Product>& products) {
    for (const Product& product : products) {
      Manifests manifests = artifacts_.Of(product);
      if (!manifests.empty()) files_.push_back(FilesOf(product, std::move(manifests)));
    }
    for (Files& files : files_) {
      if (!files.current) Make(files);
    }
    streams_.wait();
    for (const Files& files : files_) Settle(files);
    record_.Save();
    return Older();
  }

 private:
  /// What becomes of a product.
  struct Files {
    const Product& product;
    Manifests manifests;
    std::string part, tsv, tsv_path, h5_path, digest;
    std::optional<ColumnTable> columns;  // read before where their number decides of the text
    bool text = true, current = false;
    std::string none() const { return "none of " + digest; }
  };

  Files FilesOf(const Product& product, Manifests manifests) const {
    constexpr size_t kAll = std::numeric_limits<size_t>::max();
    const std::string part = product.individual ? "private" : "share";
    const bool both = product.table || product.columns;  // forms: .tsv and .h5
    const std::string tsv = part + "/" + product.name + (both ? ".tsv" : "");
    Files files{product,
                std::move(manifests),
                part,
                tsv,
                JoinPath(options_.folder, tsv),
                JoinPath(options_.folder, part + "/" + product.name + ".h5"),
                {},
                {}};
    files.digest = DigestOf(files.manifests, product.besides);
    if (product.columns && product.most_text_columns != kAll) {
      files.columns = product.columns(store_, files.manifests);
      files.text = files.columns->names.size() <= product.most_text_columns;
    }
    const bool whole =
        FileExists(files.tsv_path) == files.text && (!both || FileExists(files.h5_path));
    files.current = (whole && record_.IsCurrent(tsv, files.digest)) ||
                    (product.if_any && record_.IsCurrent(tsv, files.none()));
    return files;
  }

  void Make(Files& files) {
    const Product& product = files.product;
    const std::string folder = JoinPath(options_.folder, files.part);
    record_.Forget();
    if (product.table) {
      const Table table = product.table(store_, files.manifests);
      if (product.if_any && table.columns() == 0) {
        for (const auto& path : {files.tsv_path, files.h5_path}) RemoveFile(path);
        return;
      }
      MakeFolders(folder);
      return PublishTable(table, product.name, folder);
    }
    MakeFolders(folder);
    if (product.stream) {
      const auto stream = [this, &files] {
        files.product.stream(store_, files.manifests, files.tsv_path);
      };
      return product.aside && HasRoomFor(files) ? streams_.run(stream) : stream();
    }
    if (!files.columns) files.columns = product.columns(store_, files.manifests);
    PublishTable(*files.columns, product.name, folder, files.text);
    files.columns.reset();
  }

  /// Streams hold a shard of the first artifact at a time.
  bool HasRoomFor(const Files& files) {
    constexpr uint64_t kRowBytes = 1024;
    uint64_t rows = 0;
    for (const ShardRecord& shard : files.manifests.front().shards) {
      rows = std::max(rows, shard.rows);
    }
    if (stream_bytes_ + rows * kRowBytes > options_.memory_bytes / 4) return false;
    stream_bytes_ += rows * kRowBytes;
    return true;
  }

  /// Records and links what was made.
  void Settle(const Files& files) {
    const std::string& shown = files.text ? files.tsv_path : files.h5_path;
    const bool none = files.product.if_any && !FileExists(files.tsv_path);
    if (!files.current) record_.Set(files.tsv, none ? files.none() : files.digest);
    if (!options_.links) return;
    const auto link = [this](const std::string& path) {
      return JoinPath(options_.folder, BaseName(path));
    };
    if (none) return RemoveLink(link(shown));
    RemoveLink(link(files.text ? files.h5_path : files.tsv_path));
    LinkTo(files.part + "/" + BaseName(shown), link(shown));
  }

  /// Recorded files that no product of this run is.
  std::vector<std::string> Older() const {
    std::set<std::string> made;
    for (const Files& files : files_) made.insert(files.tsv);
    return record_.Besides(made);
  }

  const ArtifactStore& store_;
  const PublishOptions& options_;
  PublishedRecord record_;
  SealedArtifacts artifacts_;
  std::deque<Files> files_;  // whose addresses stay
  uint64_t stream_bytes_ = 0;
  oneapi::tbb::task_group streams_;
};

}  // namespace

std::vector<std::string> Publish(const std::vector<Product>& products, const Plan& plan,
                                 const ArtifactStore& store, const PublishOptions& options) {
  for (const char* part : {"", "private", "share"}) {
    RemovePartialFiles(*part == 0 ? options.folder : JoinPath(options.folder, part));
  }
  return Publishing(plan, store, options).Run(products);
}

}  // namespace kinflow
