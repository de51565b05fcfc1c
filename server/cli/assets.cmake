# Writes the table that assets.h declares. Run by the build:
#   cmake -DROOT=<repository> -DLIST=<file, one sorted path a line> -DOUTPUT=<assets.c> -P assets.cmake

file(STRINGS ${LIST} names)
set(arrays "")
set(rows "")
set(count 0)
foreach(name IN LISTS names)
  file(READ ${ROOT}/${name} hex HEX)
  file(SIZE ${ROOT}/${name} size)
  string(REGEX REPLACE "(..)" "0x\\1," bytes "${hex}")
  # unsigned: bytes above 0x7f do not fit a char initializer.
  string(APPEND arrays "static const unsigned char data_${count}[] = {${bytes}0};\n")
  string(APPEND rows "\t{ \"${name}\", (const char *)data_${count}, ${size} },\n")
  math(EXPR count "${count} + 1")
endforeach()

# The last row is there so that the table is never empty; asset_count leaves it out.
file(WRITE ${OUTPUT} "#include \"cli/assets.h\"\n\n${arrays}
const struct asset assets[] = {
${rows}\t{ NULL, NULL, 0 },
};
const size_t asset_count = ${count};
")
