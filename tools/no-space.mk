# Refuses a folder O that make cannot handle. Included after O is set.
#
# Names of targets and prerequisites are separated by spaces. The folders that O has by
# default are relative, so that the tree itself may be anywhere.

ifneq ($(words $(O)),1)
$(error O="$(O)" is not one word: name a folder without a space, such as ../../out/NAME)
endif
