#include "pipeline/store/h5_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmath>
#include <limits>

#include "pipeline/base/error.h"
#include "pipeline/base/file.h"
#include "tests/support/test_data.h"
#include "tests/unit/store/store_test_util.h"

namespace kinflow {
namespace {

using test::TempFolder;

Table SmallTable() {
  Table t;
  t.Add("n", Table::Ints{1, Table::kMissingInt, -5});
  t.Add("a/b %", Table::Doubles{0.1, std::nan(""), 1e300});
  t.Add("", Table::Strings{"x", "NA", ""});
  t.Add(".", Table::Strings{"\xc3\xa6", "yy", "z"});
  return t;
}

void WriteAll(const std::string& path) {
  H5Writer w(path);
  w.Write("/u8", std::span<const uint8_t>(std::vector<uint8_t>{1, 2, 255}));
  w.Write("/deep/er/u16", std::span<const uint16_t>(std::vector<uint16_t>{7, 65535}));
  w.Write("/u32", std::span<const uint32_t>(std::vector<uint32_t>(400'000, 77)));
  w.Write("/i64", std::span<const int64_t>(std::vector<int64_t>{INT64_MIN, -1, INT64_MAX}));
  w.Write("/u64", std::span<const uint64_t>(std::vector<uint64_t>{UINT64_MAX}));
  w.Write("/f32", std::span<const float>(std::vector<float>{1.5f, -0.0f}));
  w.Write("/f64", std::span<const double>(std::vector<double>{}));
  w.Write("/text", std::vector<std::string>{"alpha", "", "b"});
  std::vector<double> m(300 * 7);
  for (size_t i = 0; i < m.size(); ++i) m[i] = static_cast<double>(i) / 8;
  w.WriteMatrix("/m", m, 300, 7);
  w.WriteMatrix("/no_columns", {}, 4, 0);
  w.WriteMatrix("/no_rows", {}, 0, 5);
  w.WriteTable("/t", SmallTable());
  w.WriteTable("/empty", Table());
  w.Attribute("/", "name", "kinflow");
  w.Attribute("/", "nothing", "");
  w.Attribute("u8", "x", 0.25);
  w.Attribute("/u8", "k", int64_t{-3});
  w.Close();
}

TEST(H5File, EverythingComesBack) {
  const std::string path = TempFolder() + "/a.h5";
  WriteAll(path);
  const H5Reader r(path);
  EXPECT_EQ(r.ReadU8("/u8"), (std::vector<uint8_t>{1, 2, 255}));
  EXPECT_EQ(r.ReadU16("deep/er/u16"), (std::vector<uint16_t>{7, 65535}));
  EXPECT_EQ(r.ReadU32("/u32"), std::vector<uint32_t>(400'000, 77));
  EXPECT_EQ(r.ReadI64("/i64"), (std::vector<int64_t>{INT64_MIN, -1, INT64_MAX}));
  EXPECT_EQ(r.ReadU64("/u64"), std::vector<uint64_t>{UINT64_MAX});
  EXPECT_TRUE(std::signbit(r.ReadF32("/f32").at(1)));
  EXPECT_TRUE(r.ReadF64("/f64").empty());
  const StringColumn text = r.ReadStrings("/text");
  ASSERT_EQ(text.size(), 3u);
  EXPECT_EQ(text[0], "alpha");
  EXPECT_EQ(text[1], "");
  size_t rows = 0, cols = 0;
  const auto m = r.ReadMatrix("/m", rows, cols);
  EXPECT_EQ(rows, 300u);
  EXPECT_EQ(cols, 7u);
  for (size_t i = 0; i < m.size(); ++i) ASSERT_EQ(m[i], static_cast<double>(i) / 8);
  r.ReadMatrix("/no_columns", rows, cols);
  EXPECT_EQ(rows, 4u);
  EXPECT_EQ(cols, 0u);
  r.ReadMatrix("/no_rows", rows, cols);
  EXPECT_EQ(rows, 0u);
  EXPECT_EQ(cols, 5u);
  EXPECT_EQ(r.AttributeText("/", "name"), "kinflow");
  EXPECT_EQ(r.AttributeText("/", "nothing"), "");
  EXPECT_EQ(r.AttributeDouble("/u8", "x"), 0.25);
  EXPECT_EQ(r.AttributeInt("u8", "k"), -3);
  EXPECT_TRUE(r.Has("/deep/er"));
  EXPECT_FALSE(r.Has("/deep/u16"));
  EXPECT_EQ(r.List("/deep"), std::vector<std::string>{"er"});
  EXPECT_EQ(r.ReadTable("/empty").columns(), 0u);
}

TEST(H5File, TableKeepsNamesOrderAndMissing) {
  const std::string path = TempFolder() + "/a.h5";
  WriteAll(path);
  const Table expected = SmallTable(), t = H5Reader(path).ReadTable("/t");
  ASSERT_EQ(t.columns(), expected.columns());
  for (size_t c = 0; c < t.columns(); ++c) {
    EXPECT_EQ(t.name(c), expected.name(c));
    EXPECT_EQ(t.column(c).index(), expected.column(c).index());
    for (size_t r = 0; r < 3; ++r) EXPECT_EQ(t.Cell(r, c), expected.Cell(r, c));
  }
  EXPECT_TRUE(std::isnan(t.DoublesOf("a/b %")[1]));
}

// 2,000 columns: more names than fit into an object header, and links in dense storage.
TEST(H5File, WideTable) {
  const std::string path = TempFolder() + "/a.h5";
  Table wide;
  for (int c = 0; c < 2000; ++c) {
    wide.Add("column_with_a_rather_long_name_for_a_score_" + std::to_string(c), Table::Ints{c, -c});
  }
  H5Writer w(path);
  w.WriteTable("/t", wide);
  w.Close();
  const Table t = H5Reader(path).ReadTable("/t");
  ASSERT_EQ(t.columns(), 2000u);
  for (size_t c = 0; c < 2000; ++c) {
    EXPECT_EQ(t.name(c), wide.name(c));
    EXPECT_EQ(t.Cell(1, c), wide.Cell(1, c));
  }
}

TEST(H5File, VariantsComeBack) {
  VariantTable v;
  v.Append("X", 5, "rs1", "A", "C", 0.5f, true);
  v.Append("1", 2'147'483'647, "", std::string(12'000, 'G'), "T");
  for (uint32_t i = 0; i < 5000; ++i) v.Append("2", i + 1, "id" + std::to_string(i), "AT", "A");
  const std::string path = TempFolder() + "/v.h5";
  H5Writer w(path);
  w.WriteVariants("/variants", v);
  w.Close();
  const VariantTable r = H5Reader(path).ReadVariants("/variants");
  ASSERT_EQ(r.size(), v.size());
  for (size_t i = 0; i < v.size(); ++i) {
    ASSERT_EQ(r.chrom(i), v.chrom(i));
    ASSERT_EQ(r.pos(i), v.pos(i));
    ASSERT_EQ(r.id(i), v.id(i));
    ASSERT_EQ(r.ref(i), v.ref(i));
    ASSERT_EQ(r.alt(i), v.alt(i));
    ASSERT_EQ(r.from_multiallelic(i), v.from_multiallelic(i));
  }
  EXPECT_EQ(r.info(0), 0.5f);
  EXPECT_TRUE(std::isnan(r.info(1)));
}

TEST(H5File, EqualContentIsEqualBytesAtAnyTime) {
  const std::string folder = TempFolder();
  WriteAll(folder + "/a.h5");
  ::usleep(1'100'000);
  WriteAll(folder + "/b.h5");
  EXPECT_TRUE(ReadFile(folder + "/a.h5") == ReadFile(folder + "/b.h5"));
}

TEST(H5File, FileIsPrivateWhateverTheUmask) {
  const std::string path = TempFolder() + "/a.h5";
  const mode_t old = ::umask(0);
  WriteAll(path);
  ::umask(old);
  struct stat st;
  ASSERT_EQ(::stat(path.c_str(), &st), 0);
  EXPECT_EQ(st.st_mode & 07777, 0600u);
}

TEST(H5File, WithoutCloseNothingIsLeft) {
  const std::string path = TempFolder() + "/a.h5";
  {
    H5Writer w(path);
    w.Write("/x", std::span<const double>(std::vector<double>(10, 1.0)));
    EXPECT_TRUE(FileExists(path));
  }
  EXPECT_FALSE(FileExists(path));
  EXPECT_FALSE(HadWriteError());
}

TEST(H5File, ExistingFileIsNotOverwritten) {
  const std::string path = TempFolder() + "/a.h5";
  WriteFileAtomically(path, "precious");
  EXPECT_THROW(H5Writer w(path), Error);
  EXPECT_EQ(ReadFile(path), "precious");
}

void ExpectDamaged(const std::function<void()>& body) {
  try {
    body();
    FAIL() << "no error";
  } catch (const Error& e) {
    EXPECT_EQ(e.id(), ErrorId::kShardDamaged);
    EXPECT_FALSE(e.file().empty());
    // Not a work folder: nothing is to be removed there.
    EXPECT_NE(e.remedy().find("copy the file again"), std::string::npos);
  }
}

TEST(H5File, WrongTypesAndNamesAreErrors) {
  const std::string path = TempFolder() + "/a.h5";
  WriteAll(path);
  const H5Reader r(path);
  size_t rows, cols;
  ExpectDamaged([&] { r.ReadU8("/u16"); });
  ExpectDamaged([&] { r.ReadU16("/u8"); });
  ExpectDamaged([&] { r.ReadF64("/i64"); });
  ExpectDamaged([&] { r.ReadStrings("/u8"); });
  ExpectDamaged([&] { r.ReadMatrix("/f64", rows, cols); });
  ExpectDamaged([&] { r.ReadF64("/m"); });
  ExpectDamaged([&] { r.ReadTable("/u8"); });
  ExpectDamaged([&] { r.AttributeInt("/u8", "x"); });
  ExpectDamaged([&] { r.AttributeText("/u8", "none"); });
  ExpectDamaged([&] { DosageReader d(r, "/u8"); });
}

TEST(H5File, NotHdf5) {
  const std::string path = TempFolder() + "/a.h5";
  WriteFileAtomically(path, std::string(5000, 'x'));
  ExpectDamaged([&] { H5Reader r(path); });
  EXPECT_THROW(H5Reader(path + ".none"), Error);
}

Factor SomeFactor(size_t rows, size_t levels) {
  Factor factor;
  for (size_t i = 0; i < rows; ++i) factor.Append("level " + std::to_string(i * i % levels));
  return factor;
}

TEST(H5File, FactorsComeBack) {
  const std::string path = TempFolder() + "/f.h5";
  Factor with_empty;
  for (const char* text : {"a", "", "a"}) with_empty.Append(text);
  const std::pair<const char*, Factor> factors[] = {
      {"few", SomeFactor(2'000'000, 7)},  // two chunks
      {"most", SomeFactor(70'000, 255)},
      {"many", SomeFactor(70'000, 3001)},  // as strings
      {"with_empty", with_empty},
      {"none", {}}};
  H5Writer w(path);
  for (const auto& [name, factor] : factors) w.Write(name, factor);
  w.WriteColumns("t", {{"few", &factors[0].second}, {"many", &factors[2].second}});
  w.Close();
  const H5Reader r(path);
  for (const auto& [name, factor] : factors) {
    const Factor back = r.ReadFactor(name);
    ASSERT_EQ(back.size(), factor.size()) << name;
    for (size_t i = 0; i < back.size(); ++i) ASSERT_EQ(back[i], factor[i]) << name;
  }
  ExpectDamaged([&] { r.ReadU8("few"); });
  ExpectDamaged([&] { r.ReadStrings("few"); });
}

TEST(H5File, TablesTakeFactorsAsTexts) {
  const std::string path = TempFolder() + "/f.h5";
  const Factor few = SomeFactor(500, 3), many = SomeFactor(500, 400);
  const std::vector<int64_t> numbers(500, 4);
  H5Writer w(path);
  w.WriteColumns("t", {{"few", &few}, {"n", std::span<const int64_t>(numbers)}, {"many", &many}});
  w.Close();
  const Table t = H5Reader(path).ReadTable("t");
  ASSERT_EQ(t.rows(), 500u);
  EXPECT_EQ(t.name(1), "n");
  for (size_t i = 0; i < 500; ++i) {
    EXPECT_EQ(t.Cell(i, 0), few[i]);
    EXPECT_EQ(t.Cell(i, 2), many[i]);
  }
  std::string out;
  EXPECT_EQ(
      test::RunPython("import h5py\n"
                      "d = h5py.File('" +
                          path +
                          "')['t/few']\n"
                          "names = {v: k for k, v in h5py.check_enum_dtype(d.dtype).items()}\n"
                          "got = [names[c] for c in d[:]]\n"
                          "assert got == ['level %d' % (i * i % 3) for i in range(500)]\n",
                      &out),
      0)
      << out;
}

// Levels out of order, codes beyond them, and enumerations over another type are not ours.
TEST(H5File, ForeignEnumerationsAreRefused) {
  const std::string path = TempFolder() + "/f.h5";
  std::string out;
  ASSERT_EQ(
      test::RunPython("import h5py, numpy as np\n"
                      "f = h5py.File('" +
                          path +
                          "', 'w', libver=('v110','v110'))\n"
                          "def add(name, levels, base='u1', code=1):\n"
                          "  f.create_dataset(name, data=np.full(10, code, base), chunks=(10,),\n"
                          "    dtype=h5py.enum_dtype(levels, basetype=base), compression=1,\n"
                          "    fletcher32=True)\n"
                          "add('good', {'a': 0, 'b': 1})\n"
                          "add('order', {'a': 1, 'b': 0})\n"
                          "add('gap', {'a': 0, 'b': 2})\n"
                          "add('stray', {'a': 0, 'b': 1}, code=2)\n"
                          "add('wide', {'a': 0, 'b': 1}, base='u2')\n",
                      &out),
      0)
      << out;
  const H5Reader r(path);
  EXPECT_EQ(r.ReadFactor("good")[9], "b");
  for (const char* name : {"order", "gap", "stray", "wide"}) {
    ExpectDamaged([&] { r.ReadFactor(name); });
  }
}

// Files of other origin: stock h5py without checksum, contiguous, variable-length strings, and a
// chunk whose filter mask leaves the checksum out.
TEST(H5File, ForeignDatasetsAreRefused) {
  const std::string path = TempFolder() + "/f.h5";
  std::string out;
  ASSERT_EQ(
      test::RunPython("import h5py, numpy as np, zlib\n"
                      "f = h5py.File('" +
                          path +
                          "', 'w', libver=('v110','v110'))\n"
                          "x = np.arange(10, dtype='u1')\n"
                          "f.create_dataset('contiguous', data=x)\n"
                          "f.create_dataset('nochecksum', data=x, chunks=(10,), compression=1)\n"
                          "d = f.create_dataset('masked', (10,), 'u1', chunks=(10,), compression=1,"
                          " fletcher32=True)\n"
                          "d.id.write_direct_chunk((0,), zlib.compress(x.tobytes()), 2)\n"
                          "f['soft'] = h5py.SoftLink('/contiguous')\n"
                          "f['vlen'] = np.array([b'a', b'bc'], dtype=object)\n"
                          "d = f.create_dataset('ours', data=x, chunks=(10,), compression=1,"
                          " fletcher32=True)\n"
                          "f.close(); f = h5py.File('" +
                          path +
                          "')\n"
                          "assert (f['masked'][:] == x).all()  # stock HDF5 does not mind\n",
                      &out),
      0)
      << out;
  const H5Reader r(path);
  for (const char* name : {"contiguous", "nochecksum", "masked", "soft"}) {
    ExpectDamaged([&] { r.ReadU8(name); });
  }
  ExpectDamaged([&] { r.ReadStrings("vlen"); });
  // What stock HDF5 wrote with our filters is readable: its checksum is the same.
  EXPECT_EQ(r.ReadU8("ours").at(9), 9);
}

TEST(H5File, H5pyAndH5dumpReadIt) {
  KINFLOW_REQUIRE_PROGRAM(h5dump, "h5dump");
  const std::string path = TempFolder() + "/a.h5";
  WriteAll(path);
  std::string out;
  EXPECT_EQ(
      test::RunPython(
          "import h5py, numpy as np\n"
          "f = h5py.File('" +
              path +
              "')\n"
              "assert f['u32'].shape == (400000,) and (f['u32'][:] == 77).all()\n"
              "assert f['deep/er/u16'][:].tolist() == [7, 65535]\n"
              "assert f['i64'][:].tolist() == [-2**63, -1, 2**63-1]\n"
              "assert f['text'][:].tolist() == [b'alpha', b'', b'b']\n"
              "assert (f['m'][:] == np.arange(2100).reshape(300, 7) / 8).all()\n"
              "assert [x.decode() for x in f['t'].attrs['columns']] == ['n', 'a/b %', '', '.']\n"
              "assert f['t/a%2Fb %25'][2] == 1e300\n"
              "assert f.attrs['name'] == b'kinflow' or f.attrs['name'] == 'kinflow'\n"
              "assert f['u8'].fletcher32 and f['u8'].compression == 'gzip'\n",
          &out),
      0)
      << out;
  out.clear();
  EXPECT_EQ(test::RunCommand(h5dump + " " + path, &out), 0);
  EXPECT_NE(out.find("65535"), std::string::npos);
  EXPECT_EQ(out.find("error"), std::string::npos);
}

}  // namespace
}  // namespace kinflow
