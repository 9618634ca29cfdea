#include "pipeline/app/publish.h"

#include <unistd.h>

#include <filesystem>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>

#include "pipeline/base/error.h"
#include "pipeline/base/file.h"

namespace kinflow {
namespace {

/// OUT/.published.json: file -> digest of the artifact it was made from.
class PublishedRecord {
 public:
  explicit PublishedRecord(const std::string& folder) : path_(JoinPath(folder, ".published.json")) {
    if (FileExists(path_)) root_ = nlohmann::json::parse(ReadFile(path_), nullptr, false);
    if (!root_.is_object()) root_ = nlohmann::json::object();
  }
  bool IsCurrent(const std::string& file, const std::string& digest) const {
    return root_.value(file, "") == digest;
  }
  /// Before a file is written: a run that ends half-way must not leave a record of older files.
  void Forget() {
    if (!changed_) RemoveFile(path_);
    changed_ = true;
  }
  void Set(const std::string& file, const std::string& digest) { root_[file] = digest; }
  void Save() const {
    if (changed_) WriteFileAtomically(path_, root_.dump(1) + "\n");
  }

 private:
  std::string path_;
  nlohmann::json root_;
  bool changed_ = false;
};

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

std::vector<std::string> Publish(const std::vector<Product>& products, const Plan& plan,
                                 const ArtifactStore& store, const PublishOptions& options) {
  for (const char* part : {"", "private", "share"}) {
    RemovePartialFiles(*part == 0 ? options.folder : JoinPath(options.folder, part));
  }
  constexpr size_t kAll = std::numeric_limits<size_t>::max();
  PublishedRecord record(options.folder);
  SealedArtifacts artifacts(plan, store);
  std::vector<std::string> paths;
  for (const Product& product : products) {
    const Manifests manifests = artifacts.Of(product);
    if (manifests.empty()) continue;
    const std::string part = product.individual ? "private" : "share";
    const bool both = product.table || product.columns;  // forms: .tsv and .h5
    const std::string tsv = part + "/" + product.name + (both ? ".tsv" : "");
    const std::string tsv_path = JoinPath(options.folder, tsv);
    const std::string h5_path = JoinPath(options.folder, part + "/" + product.name + ".h5");
    const std::string digest = DigestOf(manifests, product.besides);
    std::optional<ColumnTable> columns;  // read before where their number decides of the text
    if (product.columns && product.most_text_columns != kAll) {
      columns = product.columns(store, manifests);
    }
    const bool text = !columns || columns->names.size() <= product.most_text_columns;
    const bool whole = FileExists(tsv_path) == text && (!both || FileExists(h5_path));
    const bool current = whole && record.IsCurrent(tsv, digest);
    const std::string none = "none of " + digest;
    if (product.if_any && record.IsCurrent(tsv, none)) continue;
    if (product.if_any && product.table && !current &&
        product.table(store, manifests).columns() == 0) {
      record.Forget();
      for (const auto& path : {tsv_path, h5_path}) RemoveFile(path);
      record.Set(tsv, none);
      continue;
    }
    if (!current) {
      MakeFolders(JoinPath(options.folder, part));
      record.Forget();
      if (product.table) {
        PublishTable(product.table(store, manifests), product.name, JoinPath(options.folder, part));
      } else if (product.columns) {
        if (!columns) columns = product.columns(store, manifests);
        PublishTable(*columns, product.name, JoinPath(options.folder, part), text);
      } else {
        product.stream(store, manifests, tsv_path);
      }
      record.Set(tsv, product.if_any && !FileExists(tsv_path) ? none : digest);
    }
    if (product.if_any && !FileExists(tsv_path)) continue;  // a stream that had nothing to write
    const std::string& shown = text ? tsv_path : h5_path;
    if (options.links) {
      RemoveLink(JoinPath(options.folder, BaseName(text ? h5_path : tsv_path)));
      LinkTo(part + "/" + BaseName(shown), JoinPath(options.folder, BaseName(shown)));
    }
    paths.push_back(shown);
  }
  record.Save();
  return paths;
}

}  // namespace kinflow
