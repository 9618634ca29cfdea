#include "pipeline/store/h5_handles.h"

#include <fmt/format.h>

#include "pipeline/base/number.h"
#include "pipeline/store/remedy.h"

namespace kinflow::h5 {
namespace {

bool StartLibrary() {
  // Library shutdown after a write error crashes in HDF5 1.10; every file is closed by its owner.
  H5dont_atexit();
  return H5open() >= 0 && H5PLset_loading_state(0) >= 0;
}

std::string MessageOf(hid_t id) {
  char text[160] = "";
  H5E_type_t type;
  return H5Eget_msg(id, &type, text, sizeof text) > 0 ? text : "";
}

// The sec2 driver puts errno into its description: "... errno = 28, error message = '...'".
int ErrnoIn(const char* description) {
  constexpr std::string_view kMark = "errno = ";
  const std::string_view text = description == nullptr ? "" : description;
  const size_t at = text.find(kMark);
  if (at == std::string_view::npos) return 0;
  const std::string_view rest = text.substr(at + kMark.size());
  return static_cast<int>(ParseInt(rest.substr(0, rest.find(','))).value_or(0));
}

herr_t Visit(unsigned n, const H5E_error2_t* entry, void* data) {
  auto& failure = *static_cast<Failure*>(data);
  if (failure.error_number == 0) failure.error_number = ErrnoIn(entry->desc);
  // Descriptions hold paths and addresses; the message classes say enough. Entry 0 is innermost.
  if (n == 0)
    failure.text = fmt::format("{}: {}", MessageOf(entry->maj_num), MessageOf(entry->min_num));
  return 0;
}

}  // namespace

void PrepareThread() {
  static const bool started = StartLibrary();
  if (!started) throw Error(ErrorId::kInternal, "the HDF5 library does not start");
  static thread_local const bool quiet = H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr) >= 0;
  (void)quiet;
}

Failure LastFailure() {
  Failure failure;
  H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, &Visit, &failure);
  return failure;
}

Error ReadError(std::string_view what, const std::string& file, std::string_view dataset) {
  const Failure failure = LastFailure();
  Error error(ErrorId::kShardDamaged, failure.text.empty()
                                          ? std::string(what)
                                          : fmt::format("{} ({})", what, failure.text));
  error.InFile(file).Remedy(RebuildRemedy(FolderOf(file)));
  if (!dataset.empty()) error.Field(dataset);
  return error;
}

Id FileAccess() {
  Id list(H5Pcreate(H5P_FILE_ACCESS), &H5Pclose);
  if (!list.valid() || H5Pset_libver_bounds(list.get(), H5F_LIBVER_V110, H5F_LIBVER_V110) < 0 ||
      H5Pset_file_locking(list.get(), false, true) < 0) {
    throw Error(ErrorId::kInternal, "cannot set up HDF5 file access");
  }
  return list;
}

void KeepLittleMetadata(const Id& access) {
  H5AC_cache_config_t config;
  config.version = H5AC__CURR_CACHE_CONFIG_VERSION;
  bool set = H5Pget_mdc_config(access.get(), &config) >= 0;
  config.set_initial_size = true;
  config.initial_size = config.min_size = 256 << 10;
  config.max_size = 1 << 20;
  set = set && H5Pset_mdc_config(access.get(), &config) >= 0;
  if (!set) throw Error(ErrorId::kInternal, "cannot set up HDF5 file access");
}

}  // namespace kinflow::h5
